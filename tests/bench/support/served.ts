/** Whoever answers the load generator, ours and peers alike, and a closed run against it. */

import type { LoadGenerator } from "./load/load-generator.ts";
import type { Target } from "./load/plan.ts";
import type { Figures } from "./rounds.ts";

export interface Served {
  readonly target: Target;
  /** Of the orders that it has made for the load. */
  readonly ids: readonly string[];
  readonly stop: () => Promise<void>;
  /** Of the processes that do the work. */
  readonly pids?: readonly number[];
  /** For whoever reads the results. */
  readonly configuration?: unknown;
}

const WARM_UP_S = 1;

/** @throws {Error} for any answer but 2xx and refusals that say when to come again: the figure would be of something else */
export async function served(
  generator: LoadGenerator,
  { target, ids }: Served,
  { clients, seconds }: { readonly clients: number; readonly seconds: number },
): Promise<Figures> {
  const run = { target, ids, clients, seconds, warmUpSeconds: WARM_UP_S };
  const result = await generator.run({ kind: "closed", ...run });
  const { perSecond, statuses, accepted, withRetryAfter, latency, cpuUsPerRequest } = result;
  const answers = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  if (answers !== accepted + withRetryAfter) {
    throw new Error(`expected 2xx, found ${JSON.stringify(statuses)}`);
  }
  const refused = withRetryAfter / seconds;
  return { perSecond, ...latency, refused, generatorCpuUs: cpuUsPerRequest };
}
