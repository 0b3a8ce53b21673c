/** Counts the answers of one run. */

import type { Answer } from "./connection.ts";
import { createHistogram, type Histogram } from "./histogram.ts";
import type { Latency, LoadResult } from "./plan.ts";

export interface Tally {
  /** An answer that came within the measured time. */
  readonly came: (answer: Answer) => void;
  /** One that is part of the result. */
  readonly record: (answer: Answer, latencyMs: number) => void;
  readonly result: (seconds: number, cpuUs: number, unsent: number) => LoadResult;
}

export function createTally(): Tally {
  const statuses = new Map<number, number>();
  const accepted = createHistogram();
  const refused = createHistogram();
  let withRetryAfter = 0;
  let acceptedInTime = 0;
  return {
    came: ({ status }) => {
      if (isAccepted(status)) acceptedInTime += 1;
    },
    record: ({ status, retryAfter }, latencyMs) => {
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      (isAccepted(status) ? accepted : refused).record(latencyMs);
      if (!isAccepted(status) && retryAfter !== null) withRetryAfter += 1;
    },
    result: (seconds, cpuUs, unsent) => ({
      perSecond: acceptedInTime / seconds,
      accepted: accepted.count(),
      statuses: Object.fromEntries([...statuses].map(([status, count]) => [status, count])),
      ...{ withRetryAfter, unsent },
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
