/**
 * Random walks: orders driven by whatever their state offers, with payloads out of the scenarios or out of the schema.
 * A walk follows a tape of numbers, so that one tape is one walk for ever and a failing tape can be shrunk.
 */

import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Executable } from "../../machines/compile/executable.ts";
import { isJsonObject } from "../../machines/json.ts";
import type { Json, JsonObject } from "../../machines/json.ts";
import type { Actor, Order } from "../../machines/order.ts";
import { choices } from "../../machines/step/choices.ts";
import { epochMs, formatInstant } from "../../machines/time/instant.ts";
import type { Attempt, Beginning } from "../../src/runtime/apply.ts";
import { engineActor } from "../../src/runtime/caller.ts";
import { valueOf } from "./schema-value.ts";

/** What the scenarios of a definition show: who acts, how orders begin, what events and jobs carry. */
export interface Repertoire {
  /** By beginning, what its scenario does next: the walk leaves that road again and again. */
  readonly roads: readonly (readonly JsonObject[])[];
  readonly actors: readonly Actor[];
  readonly beginnings: readonly {
    readonly at: number;
    readonly begin: Omit<Beginning, "identity"> & {
      readonly businessKey: string | null;
      readonly centre: string | null;
    };
  }[];
  readonly payloads: ReadonlyMap<string, readonly JsonObject[]>;
  readonly outputs: ReadonlyMap<string, readonly JsonObject[]>;
}

/** One turn of a walk, at an instant of epoch milliseconds. */
export interface Turn {
  readonly at: number;
  readonly attempt: Attempt;
}

export type Tape = () => number;

export function tapeOf(numbers: readonly number[]): Tape {
  let at = 0;
  return () => {
    const number = numbers[at % numbers.length] ?? 0;
    at += 1;
    // A short tape goes round, but never in step with itself.
    return (number + Math.imul(at, 2_654_435_761)) >>> 0;
  };
}

export function repertoireOf(file: string): Repertoire {
  const suite: unknown = parse(readFileSync(file, "utf8"));
  if (!isRecord(suite)) throw new Error(`${file} holds no scenarios`);
  const roles = isRecord(suite["actors"]) ? suite["actors"] : {};
  const actors = Object.entries(roles).map(([sub, role]) => {
    if (typeof role !== "string") throw new Error(`${file}: the actor ${sub} has no role`);
    return { sub, role, centre: null };
  });
  const payloads = new Map<string, JsonObject[]>();
  const outputs = new Map<string, JsonObject[]>();
  const roads: JsonObject[][] = [];
  const beginnings: Repertoire["beginnings"][number][] = [];
  for (const scenario of listOf(suite["scenarios"])) {
    if (!isRecord(scenario)) continue;
    beginnings.push(beginningOf(isRecord(scenario["given"]) ? scenario["given"] : {}, actors));
    const steps = listOf(scenario["steps"]).filter(isRecord);
    roads.push(steps);
    for (const step of steps) {
      remember(payloads, step["event"], step["payload"]);
      remember(outputs, step["job"], step["output"]);
    }
  }
  return { actors, beginnings, payloads, outputs, roads };
}

function beginningOf(
  given: JsonObject,
  actors: readonly Actor[],
): Repertoire["beginnings"][number] {
  const { at, by, centre, businessKey, data } = given;
  const place = typeof centre === "string" ? centre : null;
  const actor = actors.find(({ sub }) => sub === by) ?? actors[0];
  if (actor === undefined) throw new Error("scenarios name their actors");
  return {
    at: typeof at === "string" ? Date.parse(at) : Date.parse("2026-11-23T00:00:00Z"),
    begin: {
      businessKey: typeof businessKey === "string" ? businessKey : null,
      centre: place,
      data: isJsonObject(data) ? data : {},
      actor: { ...actor, centre: place },
      testClock: null,
    },
  };
}

/** The next turn: mostly the road's, else what the tape chooses; null when the order offers nothing any more. */
export function nextTurn(
  executable: Executable,
  repertoire: Repertoire,
  order: Order,
  road: JsonObject | undefined,
  tape: Tape,
): Turn | null {
  const planned =
    road === undefined || tape() % 12 === 0 ? null : roadTurn(repertoire, order, road);
  return planned ?? freeTurn(executable, repertoire, order, tape);
}

function roadTurn(repertoire: Repertoire, order: Order, road: JsonObject): Turn | null {
  const { event, by, payload, job, output, error } = road;
  const at = epochMs(order.at) + 30_000;
  const [timer] = order.snapshot.timers.toSorted((a, b) => (a.dueAt < b.dueAt ? -1 : 1));
  if (typeof event === "string") {
    const actor = repertoire.actors.find(({ sub }) => sub === by);
    if (actor === undefined) return null;
    const acting = { ...actor, centre: order.identity.centre };
    return {
      at,
      attempt: { type: event, payload: isJsonObject(payload) ? payload : {}, actors: [acting] },
    };
  }
  if (typeof job === "string") {
    const open = order.snapshot.jobs.find(({ type }) => type === job);
    if (open === undefined) return null;
    return isJsonObject(error)
      ? { at, attempt: engineAttempt("job.failed", { job: open.id, error }) }
      : { at, attempt: engineAttempt("job.completed", { job: open.id, output: output ?? {} }) };
  }
  if (timer === undefined) return null;
  const due = Math.max(epochMs(timer.dueAt), epochMs(order.at));
  return { at: due, attempt: engineAttempt("timer.fired", { timer: timer.id }) };
}

function freeTurn(
  executable: Executable,
  repertoire: Repertoire,
  order: Order,
  tape: Tape,
): Turn | null {
  const at = epochMs(order.at) + (tape() % 4 === 0 ? tape() % 3_600_000 : tape() % 60_000);
  const kind = tape() % 10;
  const { timers, jobs } = order.snapshot;
  const job = jobs[tape() % Math.max(jobs.length, 1)];
  if (job !== undefined && kind < 4)
    return { at, attempt: jobEnd(executable, repertoire, job, tape) };
  const next = timers.toSorted((a, b) => (a.dueAt < b.dueAt ? -1 : 1))[0];
  if (next !== undefined && (kind < 2 || epochMs(next.dueAt) <= at)) {
    return {
      at: Math.max(epochMs(next.dueAt), epochMs(order.at)),
      attempt: engineAttempt("timer.fired", { timer: next.id }),
    };
  }
  return eventTurn(executable, repertoire, order, at, tape);
}

function eventTurn(
  executable: Executable,
  repertoire: Repertoire,
  order: Order,
  at: number,
  tape: Tape,
): Turn | null {
  const offset = tape();
  for (let n = 0; n < repertoire.actors.length; n += 1) {
    const actor = repertoire.actors[(offset + n) % repertoire.actors.length];
    if (actor === undefined) break;
    const acting = { ...actor, centre: order.identity.centre };
    const { enabled } = choices(executable, order, acting, formatInstant(at));
    const choice = enabled[tape() % Math.max(enabled.length, 1)];
    if (choice === undefined) continue;
    const spec = executable.events.get(choice.event);
    if (spec === undefined) throw new Error(`${choice.event} is not in the vocabulary`);
    const known = repertoire.payloads.get(choice.event) ?? [];
    const drawn = tape() % 5 === 0 ? undefined : known[tape() % Math.max(known.length, 1)];
    const value = drawn ?? valueOf(spec.payload.schema, tape);
    const payload = isJsonObject(value) ? value : {};
    const key = spec.item === null ? undefined : executable.items.get(spec.item)?.key;
    const named = key === undefined || choice.item === undefined ? {} : { [key]: choice.item };
    return {
      at,
      attempt: { type: choice.event, payload: { ...payload, ...named }, actors: [acting] },
    };
  }
  const next = order.snapshot.timers[0];
  if (next === undefined) return null;
  return {
    at: Math.max(epochMs(next.dueAt), at),
    attempt: engineAttempt("timer.fired", { timer: next.id }),
  };
}

function jobEnd(
  executable: Executable,
  repertoire: Repertoire,
  job: Order["snapshot"]["jobs"][number],
  tape: Tape,
): Attempt {
  if (tape() % 5 === 0) {
    const error = {
      code: tape() % 2 === 0 ? "slot-taken" : "failed",
      message: "as the walk wants it",
    };
    return engineAttempt("job.failed", { job: job.id, error });
  }
  const known = repertoire.outputs.get(job.type) ?? [];
  const drawn = known[tape() % Math.max(known.length, 1)];
  const output = drawn ?? valueOf(executable.jobs.get(job.type)?.output.schema ?? true, tape);
  return engineAttempt("job.completed", { job: job.id, output });
}

function engineAttempt(type: string, payload: JsonObject): Attempt {
  return { type, payload, actors: [engineActor(null)] };
}

function remember(
  into: Map<string, JsonObject[]>,
  name: Json | undefined,
  value: Json | undefined,
): void {
  if (typeof name !== "string") return;
  const known = into.get(name) ?? [];
  known.push(isJsonObject(value) ? value : {});
  into.set(name, known);
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function isRecord(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
