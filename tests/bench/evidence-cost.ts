/**
 * What evidence costs: transitions per second of the product, and of the same product made to leave out the chain of
 * hashes, the sealing of personal values and the log, A B A B. Each event carries one personal value, where a service
 * visit has two in three entries; beside it the same without any.
 * Run: `npm run bench:evidence-cost -- --rounds 7 --seconds 4`.
 */

import type { JsonObject } from "../../machines/json.ts";
import { document } from "./step-definition.ts";
import { startEntrants, type Entrant } from "./support/entrants.ts";
import { startLoadGenerator } from "./support/load/load-generator.ts";
import { benchOptions } from "./support/options.ts";
import { publishDocument, startOurServer } from "./support/our-server.ts";
import { createOverHttp, eventTarget } from "./support/our-target.ts";
import { observedOn } from "./support/observed-on.ts";
import { startBenchPostgres } from "./support/postgres.ts";
import { startReport } from "./support/report.ts";
import { measured, ratio } from "./support/rounds.ts";
import { served } from "./support/served.ts";

const options = benchOptions({ rounds: 7, seconds: 4, orders: 1_024, clients: 64 });

const BARE = new URL("evidence-cost/bare.ts", import.meta.url).href;
/** As long as a line of a complaint. */
const NOTE = "It squeaks when braking, most of all in rain";

const report = await startReport("evidence-cost");
const postgres = await startBenchPostgres();
const generator = startLoadGenerator();
const { seconds, orders, clients } = options;

/** Two servers with the same process, one as it is and one made bare; they differ in nothing else. */
function entrant(name: string, { isBare, isPersonal }: Side): Entrant {
  return {
    key: name,
    start: async () => {
      const databaseUrl = await postgres.createDatabase(name.replaceAll(/\W+/g, "_"));
      const nodeFlags = isBare ? ["--import", BARE] : [];
      const server = await startOurServer({ databaseUrl, nodeFlags });
      await publishDocument(server, documentWith(isPersonal && !isBare));
      const ids = await createOverHttp(server, orders);
      const target = await eventTarget(server);
      const payload = { amount: 12.5, ...(isPersonal ? { note: NOTE } : {}) };
      const body = JSON.stringify({ type: "NEXT", payload });
      const it = { target: { ...target, body }, ids, stop: server.stop, pids: [server.pid] };
      return {
        contestants: [
          { name, run: () => served(generator, it, { clients, seconds }), pids: it.pids },
        ],
        stop: server.stop,
      };
    },
  };
}

interface Side {
  readonly isBare: boolean;
  /** Whether each event carries a personal value; bare, it stands in clear in line and data. */
  readonly isPersonal: boolean;
}

/** The bench's process, with a note in the payload of each event. */
function documentWith(isSealed: boolean): JsonObject {
  const note = { type: "string", ...(isSealed ? { "x-personal": true } : {}) };
  const payload = {
    type: "object",
    required: ["amount"],
    properties: { amount: { type: "number" }, note },
  };
  return { ...document, events: { NEXT: { by: ["technician"], payload } } };
}

const pairs = [
  ["with a personal value", true],
  ["without personal values", false],
] as const;
const field = await startEntrants(
  pairs.flatMap(([name, isPersonal]) => [
    entrant(name, { isBare: false, isPersonal }),
    entrant(`${name}, bare`, { isBare: true, isPersonal }),
  ]),
  "",
);
try {
  const rounds = await measured(field.contestants.map(observedOn(postgres)), {
    ...{ rounds: options.rounds, warmUps: 2, tell: report.tell },
  });
  const ratios = pairs.map(([name]) => {
    const bare = `${name}, bare`;
    return [`${name} / bare`, ratio(rounds, "perSecond", name, bare)] as const;
  });
  report.end({
    ...{ options, rounds, ratios: Object.fromEntries(ratios) },
    versions: { postgres: postgres.version },
  });
} finally {
  await field.stop();
  await generator.stop();
  await postgres.stop();
}
