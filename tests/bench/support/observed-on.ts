/** A contestant's figures, with the processor time that a transition took in its processes and in Postgres's. */

import { asked, type BenchPostgres } from "./postgres.ts";
import { cpuMsOf, familyCpuMsOf } from "./process-stat.ts";
import type { Contestant } from "./rounds.ts";

/**
 * What one wrote is not left for the next one to bring to the disk. How much processor time a transition took, in the
 * contestant's processes and in Postgres's, is told beside: a busy neighbour hardly changes it.
 */
export function observedOn(postgres: Observed): (contestant: Contestant) => Contestant {
  return (contestant) => observed(contestant, postgres);
}

type Observed = Pick<BenchPostgres, "url" | "pid">;

function observed({ name, run, pids = [] }: Contestant, postgres: Observed): Contestant {
  const cpuMs = async (): Promise<readonly [number, number]> => {
    const own = await Promise.all(pids.map(cpuMsOf));
    return [own.reduce((sum, each) => sum + each, 0), await familyCpuMsOf(postgres.pid)];
  };
  return {
    name,
    run: async (round) => {
      await asked(postgres.url, "checkpoint");
      const [[own, database], from] = [await cpuMs(), performance.now()];
      const figures = await run(round);
      const [ownAfter, databaseAfter] = await cpuMs();
      // The warm-up's share is the same in all three.
      const transitions = ((performance.now() - from) / 1_000) * (figures["perSecond"] ?? 0);
      const each = (ms: number): number => (ms * 1_000) / transitions;
      return {
        ...figures,
        cpuUs: each(ownAfter - own),
        postgresUs: each(databaseAfter - database),
      };
    },
  };
}
