/** A crowd that comes while the server is at work stands in line, and is not left to its systems' second tries. */

import { readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { OpenAPIHono } from "@hono/zod-openapi";
import { expect, test } from "vitest";
import type { HttpEnv } from "../../src/http/context.ts";
import { listen } from "../../src/http/listen.ts";

/** Twice what Node lets wait unless it is told otherwise. */
const CROWD = 1_022;
/** Meanwhile nobody is taken out of the line: whoever found no room in it finds none later. */
const PATIENCE_MS = 3_000;

/** In a thread of its own. Tells of how many were let in when all were, or when nobody waits any longer. */
const COMING = `
  const { connect } = require("node:net");
  const { workerData: { port, crowd, patienceMs, come } } = require("node:worker_threads");
  let letIn = 0;
  const end = () => { Atomics.store(come, 0, letIn); Atomics.notify(come, 0); };
  const late = setTimeout(end, patienceMs);
  for (let n = 0; n < crowd; n += 1) {
    connect(port, "127.0.0.1", () => { if ((letIn += 1) === crowd) { clearTimeout(late); end(); } }).on("error", () => {});
  }
`;

const isRoomy = Number(systemSays("/proc/sys/net/core/somaxconn")) >= CROWD;

test.runIf(isRoomy)("all of a crowd are let in while the event loop turns to nobody", async () => {
  const app = new OpenAPIHono<HttpEnv>();
  const { url, drain } = await listen(app, { port: 0, host: "127.0.0.1" });
  const come = new Int32Array(new SharedArrayBuffer(4));
  const port = Number(new URL(url).port);
  const workerData = { port, crowd: CROWD, patienceMs: PATIENCE_MS, come };
  const crowd = new Worker(COMING, { eval: true, workerData });
  Atomics.wait(come, 0, 0, 20_000);
  expect(Atomics.load(come, 0)).toBe(CROWD);
  await crowd.terminate();
  expect(await drain(2_000)).toBe(true);
});

/** "0" where there is no such file. */
function systemSays(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "0";
  }
}
