/** Counts the answers of one run, those of its measured time only. */

import type { Answer } from "./connection.ts";
import { createHistogram, type Histogram } from "./histogram.ts";
import type { Latency, LoadResult } from "./plan.ts";

export interface Tally {
  readonly record: (answer: Answer, latencyMs: number) => void;
  readonly result: (seconds: number, cpuUs: number) => LoadResult;
}

export function createTally(): Tally {
  const statuses = new Map<number, number>();
  const accepted = createHistogram();
  const refused = createHistogram();
  let withRetryAfter = 0;
  return {
    record: ({ status, hasRetryAfter }, latencyMs) => {
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      (isAccepted(status) ? accepted : refused).record(latencyMs);
      if (!isAccepted(status) && hasRetryAfter) withRetryAfter += 1;
    },
    result: (seconds, cpuUs) => ({
      perSecond: accepted.count() / seconds,
      accepted: accepted.count(),
      statuses: Object.fromEntries([...statuses].map(([status, count]) => [status, count])),
      withRetryAfter,
      latency: latencyOf(accepted),
      refusedLatency: latencyOf(refused),
      cpuUsPerRequest: cpuUs / Math.max(1, accepted.count() + refused.count()),
    }),
  };
}

export function isAccepted(status: number): boolean {
  return status >= 200 && status < 300;
}

function latencyOf(histogram: Histogram): Latency {
  return {
    p50: histogram.quantile(0.5),
    p95: histogram.quantile(0.95),
    p99: histogram.quantile(0.99),
    max: histogram.max(),
  };
}
