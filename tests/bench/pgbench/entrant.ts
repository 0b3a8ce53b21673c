/** pgbench as a contestant: the writes of our own transitions, in statements and in one, each at its best number of clients. */

import type { Entrant } from "../support/entrants.ts";
import type { BenchPostgres } from "../support/postgres.ts";
import { progress, type Contestant } from "../support/rounds.ts";
import { preparePgbench, type Pgbench, type PgbenchForm } from "./prepare.ts";

const CLIENTS = [1, 2, 4, 8, 16, 32];
const TRY_S = 2;

const FORMS = {
  "pgbench, statements": { form: "statements", wholeState: false },
  "pgbench, statements, whole state": { form: "statements", wholeState: true },
  "pgbench, one statement": { form: "one statement", wholeState: false },
  "pgbench, one statement, whole state": { form: "one statement", wholeState: true },
} as const satisfies { readonly [name: string]: PgbenchForm };

export function pgbenchEntrant(
  postgres: BenchPostgres,
  { orders, seconds }: { readonly orders: number; readonly seconds: number },
): Entrant {
  return {
    key: "pgbench",
    start: async () => {
      const { binaries } = postgres;
      if (binaries === null)
        throw new Error("there is no pgbench beside the dev dependency's server");
      const pgbench = await preparePgbench(postgres, binaries, orders);
      const best: { [name: string]: number } = {};
      const contestants: Contestant[] = [];
      for (const [name, form] of Object.entries(FORMS)) {
        const clients = await bestClients(pgbench, name, form);
        best[name] = clients;
        const run = async () => {
          const { perSecond } = await pgbench.run(form, { clients, seconds });
          return { perSecond, clients };
        };
        contestants.push({ name, run });
      }
      return {
        contestants,
        stop: () => Promise.resolve(),
        configuration: { mode: "prepared", bestClients: best, shapes: pgbench.shapes },
      };
    },
  };
}

async function bestClients(pgbench: Pgbench, name: string, form: PgbenchForm): Promise<number> {
  let best = { clients: 1, perSecond: 0 };
  for (const clients of CLIENTS) {
    const { perSecond } = await pgbench.run(form, { clients, seconds: TRY_S });
    progress(`${name}: ${clients} clients make ${perSecond.toFixed(0)}/s`);
    if (perSecond > best.perSecond) best = { clients, perSecond };
  }
  return best.clients;
}
