/** Histories as the engine writes them, made by random walks through the shipped processes, with the values that were sealed. */

import { readFileSync } from "node:fs";
import type { Executable } from "../../machines/compile/executable.ts";
import { judge } from "../../machines/compile/judge.ts";
import { resolve } from "../../machines/document/pointer.ts";
import { canonicalText } from "../../machines/document/canonical.ts";
import { parseDefinition } from "../../machines/document/parse.ts";
import type { JsonObject } from "../../machines/json.ts";
import { decideMigration } from "../../machines/migrate/decide.ts";
import { migrate } from "../../machines/migrate/migrate.ts";
import { migrationPayload } from "../../machines/migrate/migration.ts";
import { compileRules } from "../../machines/migrate/rules.ts";
import type { Actor, Order, StepResult } from "../../machines/order.ts";
import { commitmentsIn } from "../../machines/schema/tokens.ts";
import { start } from "../../machines/step/start.ts";
import { step } from "../../machines/step/step.ts";
import { formatInstant } from "../../machines/time/instant.ts";
import { entryLine, entryOf, hashLine, NO_LINE, type Entry } from "../../src/audit/entry.ts";
import { MIGRATED, migratedPlaces } from "../../src/audit/migrated-places.ts";
import { judgedPart, personalPlaces } from "../../src/audit/personal-places.ts";
import { seal, SALT_BYTES, type SealedRow, type Sealing } from "../../src/audit/seal.ts";
import { snapshotOf } from "../../src/audit/snapshot.ts";
import { nextTurn, repertoireOf, tapeOf, type Repertoire } from "../walks/walk.ts";
import { createDice, type Dice } from "./random.ts";

export interface History {
  readonly order: string;
  readonly lines: readonly string[];
  readonly entries: readonly Entry[];
  readonly values: readonly SealedRow[];
  readonly definitions: ReadonlyMap<string, string>;
}

interface Version {
  readonly executable: Executable;
  readonly canonical: string;
}

interface Process {
  /** Oldest first; an order begins under the first, and may go on under the later ones. */
  readonly versions: readonly Version[];
  readonly repertoire: Repertoire;
}

const FOLDER = new URL("../../definitions/", import.meta.url).pathname;
const LONGEST_WALK = 60;
const MIGRATES_ONCE_IN = 12;

const processes: readonly Process[] = ["service-visit", "traditional-4s"].map((name) => {
  const text = readFileSync(`${FOLDER}${name}/1.0.0.yaml`, "utf8");
  const versions = ["1.0.0", "1.1.0", "2.0.0"].map((version) => {
    const own = text.replace("version: 1.0.0", `version: ${version}`);
    const { executable } = judge(own, "yaml");
    const { value } = parseDefinition(own, "yaml");
    if (executable === null || value === null) throw new Error(`${name} ${version} has errors`);
    return { executable, canonical: canonicalText(value) };
  });
  return { versions, repertoire: repertoireOf(`${FOLDER}${name}/1.0.0.scenarios.yaml`) };
});

/** The same history under the same seed, each under an id of its own. */
export function historyOf(seed: number): History {
  const dice = createDice(seed);
  const tape = tapeOf([dice.roll(2 ** 31), dice.roll(2 ** 31), dice.roll(2 ** 31)]);
  const { versions, repertoire } = dice.pick(processes);
  const scenario = dice.roll(repertoire.beginnings.length);
  const chosen = repertoire.beginnings[scenario];
  const [first, ...later] = versions;
  if (chosen === undefined || first === undefined) throw new Error("no beginning");
  const order = `01938f6e-0000-7000-8000-${seed.toString(16).padStart(12, "0")}`;
  const past: Past = { dice, executable: first.executable, lines: [], entries: [], values: [] };
  let current = begun(past, order, chosen);
  const length = dice.roll(LONGEST_WALK);
  for (let n = 0; n < length; n += 1) {
    const next = dice.roll(MIGRATES_ONCE_IN) === 0 ? later.shift() : undefined;
    if (next !== undefined) current = migrated(past, current, next.executable) ?? current;
    const { executable } = past;
    const turn = nextTurn(executable, repertoire, current, repertoire.roads[scenario]?.[n], tape);
    if (turn === null) break;
    const { type, payload, actors } = turn.attempt;
    const at = formatInstant(Math.max(turn.at, Date.parse(current.at)));
    current = moved(past, current, { type, payload, actor: actors[0], at }) ?? current;
  }
  const { lines, entries, values } = past;
  const definitions = versions.map(
    ({ executable, canonical }) => [executable.digest, canonical] as const,
  );
  return { order, lines, entries, values, definitions: new Map(definitions) };
}

interface Past {
  readonly dice: Dice;
  /** Of the version that the order lives under. */
  executable: Executable;
  readonly lines: string[];
  readonly entries: Entry[];
  readonly values: SealedRow[];
}

interface Sent {
  readonly type: string;
  readonly payload: JsonObject;
  readonly actor: Actor;
  readonly at: string;
}

function begun(past: Past, id: string, chosen: Repertoire["beginnings"][number]): Order {
  const { executable } = past;
  const { businessKey, centre, data, actor } = chosen.begin;
  const { process, version } = executable;
  const whole = executable.data.withDefaults(data);
  const sent: Sent = {
    type: "order.started",
    payload: { process, version, businessKey, centre, data: whole },
    actor,
    at: formatInstant(chosen.at),
  };
  const sealing = sealed(past, null, sent);
  const begins = judgedPart(executable, null, sent.type, sealing.value)?.value ?? {};
  const identity = { id, businessKey, centre };
  const order = written(
    past,
    null,
    sent,
    sealing,
    start(executable, { identity, data: begins, actor }, sent.at),
  );
  if (order === null) throw new Error("the beginning was refused");
  return order;
}

/** Null: it was refused, and nothing happened. */
function moved(past: Past, before: Order, sent: Sent): Order | null {
  const sealing = sealed(past, before, sent);
  const { type, actor, at } = sent;
  const result = step(past.executable, before, { type, payload: sealing.value, actor }, at);
  return written(past, before, sent, sealing, result);
}

/** By name: states and fields that both versions have are the same. Null: it was refused. */
function migrated(past: Past, before: Order, to: Executable): Order | null {
  const versions = { from: past.executable, to };
  const actor = { sub: "operator", role: "admin", centre: null };
  const { rules } = compileRules(versions, {});
  const at = before.at;
  const performers = {};
  const decided = decideMigration(versions, rules, before, { actor, now: at, performers });
  if (decided.kind === "rejected") return null;
  const payload = migrationPayload(decided.migration);
  const places = migratedPlaces(to, payload).flatMap((place) => {
    const [commitment] = commitmentsIn(resolve(payload, place) ?? null);
    return commitment === undefined ? [] : [[place, commitment] as const];
  });
  const sealing = { value: payload, sealed: Object.fromEntries(places), rows: [] };
  const event = { type: MIGRATED, payload, actor };
  const order = written(
    past,
    before,
    { ...event, at },
    sealing,
    migrate(versions, before, event, at),
  );
  if (order !== null) past.executable = to;
  return order;
}

function sealed({ dice, executable }: Past, before: Order | null, sent: Sent): Sealing {
  const judged = judgedPart(executable, before, sent.type, sent.payload);
  return seal(sent.payload, personalPlaces(judged), () => dice.bytes(SALT_BYTES));
}

function written(
  past: Past,
  before: Order | null,
  { type, actor }: Sent,
  sealing: Sealing,
  stepped: StepResult,
): Order | null {
  if (stepped.kind === "rejected") return null;
  const prev = past.lines.length === 0 ? NO_LINE : hashLine(past.lines.at(-1) ?? "");
  const event = { type, payload: sealing.value, actor };
  const snapshot = snapshotOf(stepped.order.snapshot);
  const entry = entryOf({ prev, before, event, sealed: sealing.sealed, stepped, snapshot });
  past.lines.push(entryLine(entry));
  past.entries.push(entry);
  past.values.push(...sealing.rows);
  return stepped.order;
}
