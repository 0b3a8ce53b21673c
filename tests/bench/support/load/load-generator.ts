/** Starts the load generator: one process for a whole bench, so that every contestant meets it as warm as the others do. */

import { fork } from "node:child_process";
import { once } from "node:events";
import { z } from "zod";
import type { LoadResult, Plan } from "./plan.ts";

export interface LoadGenerator {
  /** One plan at a time. */
  readonly run: (plan: Plan) => Promise<LoadResult>;
  readonly stop: () => Promise<void>;
}

/** NaN where nothing was counted. */
const ms = z.number().or(z.nan());
const quantiles = z.object({ p50: ms, p95: ms, p99: ms, max: ms });

const answer = z.union([
  z.object({ error: z.string() }),
  z.object({
    result: z.object({
      ...{ perSecond: z.number(), accepted: z.number(), withRetryAfter: z.number() },
      unsent: z.number(),
      ...{ statuses: z.record(z.string(), z.number()), cpuUsPerRequest: z.number() },
      ...{ latency: quantiles, refusedLatency: quantiles },
    }),
  }),
]);

export function startLoadGenerator(): LoadGenerator {
  // "advanced": quantiles of nothing are NaN, which JSON does not know.
  const child = fork(new URL("load-process.ts", import.meta.url), { serialization: "advanced" });
  const ended = once(child, "exit");
  return {
    run: async (plan) => {
      const answered = once(child, "message");
      child.send(plan);
      const gone = ended.then(() => {
        throw new Error("the load generator ended before it answered");
      });
      const [message] = await Promise.race([answered, gone]);
      const read = answer.parse(message);
      if ("error" in read) throw new Error(read.error);
      return read.result;
    },
    stop: async () => {
      child.disconnect();
      await ended;
    },
  };
}
