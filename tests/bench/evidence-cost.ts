/**
 * What evidence costs: transitions per second of the product, and of the same product made to leave out the chain of
 * hashes, the sealing of personal values and the log, A B A B. As in a service visit, an order holds a person's name,
 * phone, plate and VIN, and every third event brings two personal values; beside it the same with nothing personal.
 * Run: `npm run bench:evidence-cost -- --rounds 7 --seconds 4`.
 */

import { resolve } from "../../machines/document/pointer.ts";
import { isJsonObject, type JsonObject } from "../../machines/json.ts";
import { document, orderData } from "./step-definition.ts";
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

const MINIMAL = "minimal";
const BARE = new URL("evidence-cost/bare.ts", import.meta.url).href;
const PERSON = {
  ...{ name: "Ann Chen", phone: "13800000001", plate: "A-12345", vin: "LSVAA4182E2184847" },
} as const;
/** As long as a line of a complaint, and as a photo's name. */
const WORDS = {
  note: "It squeaks when braking, most of all in rain",
  photo: "5f".repeat(32),
} as const;

const report = await startReport("evidence-cost");
const postgres = await startBenchPostgres();
const generator = startLoadGenerator();
const { seconds, orders, clients } = options;

interface Side {
  readonly name: string;
  readonly isPersonal: boolean;
  /** What is personal then stands in clear in line and data. */
  readonly isBare: boolean;
}

/** Two servers with the same process, one as it is and one made bare; they differ in nothing else. */
function entrant({ name, isPersonal, isBare }: Side): Entrant {
  return {
    key: name,
    start: async () => {
      const databaseUrl = await postgres.createDatabase(name.replaceAll(/\W+/g, "_"));
      const nodeFlags = isBare ? ["--import", BARE] : [];
      const server = await startOurServer({ databaseUrl, nodeFlags });
      await publishDocument(server, documentWith(isPersonal && !isBare));
      const data = isPersonal ? { ...orderData, person: PERSON } : orderData;
      const ids = await createOverHttp(server, orders, data);
      const target = { ...(await eventTarget(server)), body: bodies(isPersonal) };
      const headers = { ...target.headers, prefer: "return=minimal" };
      const [pids, { stop }] = [[server.pid], server];
      const asked = [
        [name, target],
        [`${name}, ${MINIMAL}`, { ...target, headers }],
      ] as const;
      const contestants = asked.map(([as, of]) => ({
        ...{ name: as, pids },
        run: () => served(generator, { target: of, ids, stop }, { clients, seconds }),
      }));
      return { contestants, stop };
    },
  };
}

function bodies(isPersonal: boolean): readonly string[] {
  const payload = { amount: 12.5 };
  const all = [payload, payload, isPersonal ? { ...payload, ...WORDS } : payload];
  return all.map((each) => JSON.stringify({ type: "NEXT", payload: each }));
}

/** The bench's process, with a person in its data and words in the payload of its event. */
function documentWith(isSealed: boolean): JsonObject {
  const text = { type: "string", ...(isSealed ? { "x-personal": true } : {}) };
  const textsOf = (of: object) => Object.fromEntries(Object.keys(of).map((key) => [key, text]));
  const changed = structuredClone(document);
  add(changed, "/data/properties", { person: { type: "object", properties: textsOf(PERSON) } });
  add(changed, "/events/NEXT/payload/properties", textsOf(WORDS));
  return changed;
}

function add(to: JsonObject, pointer: string, members: object): void {
  const place = resolve(to, pointer);
  if (!isJsonObject(place)) throw new Error(`expected an object at ${pointer}`);
  Object.assign(place, members);
}

const pairs = ["as a visit", "nothing personal"].flatMap(
  (name) =>
    [
      [name, `${name}, bare`],
      [`${name}, ${MINIMAL}`, `${name}, bare, ${MINIMAL}`],
    ] as const,
);
const field = await startEntrants(
  ["as a visit", "nothing personal"].flatMap((name) => {
    const isPersonal = name === "as a visit";
    return [
      entrant({ name, isPersonal, isBare: false }),
      entrant({ name: `${name}, bare`, isPersonal, isBare: true }),
    ];
  }),
  "",
);
try {
  const rounds = await measured(field.contestants.map(observedOn(postgres)), {
    ...{ rounds: options.rounds, warmUps: 2, tell: report.tell },
  });
  const ratios = pairs.flatMap(([whole, bare]) =>
    ["perSecond", "cpuUs", "postgresUs"].map(
      (figure) => [`${figure}: ${whole} / bare`, ratio(rounds, figure, whole, bare)] as const,
    ),
  );
  report.end({
    ...{ options, rounds, ratios: Object.fromEntries(ratios) },
    versions: { postgres: postgres.version },
  });
} finally {
  await field.stop();
  await generator.stop();
  await postgres.stop();
}
