/** A thread that judges definitions, one at a time, so that the server's own is never held up: see `judge-pool.ts`. */

import { parentPort } from "node:worker_threads";
import { z } from "zod";
import { judged, type FromJudge } from "./judgement.ts";

const source = z.object({ text: z.string(), format: z.enum(["yaml", "json"]) });

const say = (message: FromJudge): void => {
  // Copied, with nothing handed over.
  parentPort?.postMessage(message, []);
};

parentPort?.on("message", (message: unknown) => {
  const { user, system } = process.threadCpuUsage();
  say({ kind: "judging", workedUs: user + system });
  say(judged(source.parse(message)));
});
say("ready");
