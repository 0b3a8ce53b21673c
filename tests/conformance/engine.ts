/** Runs a chart through the engine itself: judged from its text, started, and stepped, as any order is. */

import { judge } from "../../machines/compile/judge.ts";
import type { Executable } from "../../machines/compile/executable.ts";
import type { StateConfig } from "../../machines/document/document.ts";
import { isJsonObject, type Json } from "../../machines/json.ts";
import type { Order, StateValue, Stepped, StepResult } from "../../machines/order.ts";
import { start } from "../../machines/step/start.ts";
import { step } from "../../machines/step/step.ts";
import { tracedDefinition } from "./trace.ts";

/** What a macrostep shows to the outside. */
export interface Seen {
  /** Active states without inner states, in the order of the stored value. */
  readonly state: readonly string[];
  readonly done: boolean;
  readonly refused: boolean;
  readonly trace: string;
}

export interface EngineRun {
  readonly order: Order;
  readonly seen: Seen;
}

/** How an order reaches the next event: kept in memory, through its stored text, or through a store that sorts keys. */
export const ROUTES = {
  memory: (order: Order): Order => order,
  text: (order: Order): Order => JSON.parse(JSON.stringify(order)),
  sorted: (order: Order): Order => JSON.parse(JSON.stringify(order, keysSorted)),
} as const;

export type Route = keyof typeof ROUTES;

const ACTOR = { sub: "p-1", role: "tester", centre: null };
const NOW = "2026-11-22T08:00:00.000Z";
const IDENTITY = { id: "order-1", businessKey: null, centre: null };

/** @throws {Error} that lists the findings, when the engine refuses the machine */
export function executableOf(machine: StateConfig, events: readonly string[] = []): Executable {
  const text = JSON.stringify(tracedDefinition(machine, events));
  const { executable, findings } = judge(text, "json");
  if (executable !== null) return executable;
  const errors = findings.filter(({ severity }) => severity === "error");
  throw new Error(errors.map(({ pointer, message }) => `${pointer}: ${message}`).join("\n"));
}

export function startOrder(executable: Executable): EngineRun {
  const from = { identity: IDENTITY, data: {}, actor: ACTOR };
  const { order } = stepped(start(executable, from, NOW));
  return { order, seen: seenIn(order, "", false) };
}

/** Sends the event to the order as it comes back by way of `route`; a refusal leaves the order as it was. */
export function sendToOrder(
  executable: Executable,
  before: Order,
  event: string,
  route: Route,
): EngineRun {
  const order = ROUTES[route](before);
  const result = step(executable, order, { type: event, payload: {}, actor: ACTOR }, NOW);
  const traced = traceOf(before);
  if (result.kind === "rejected" && REFUSALS.has(result.code)) {
    return { order: before, seen: seenIn(before, traced, true) };
  }
  const after = stepped(result).order;
  return { order: after, seen: seenIn(after, traced, false) };
}

const REFUSALS: ReadonlySet<string> = new Set([
  "event-not-enabled",
  "event-unknown",
  "order-closed",
]);

export class EngineRefusal extends Error {
  override readonly name = "EngineRefusal";
}

function stepped(result: StepResult): Stepped {
  if (result.kind === "stepped") return result;
  throw new EngineRefusal(`${result.code}: ${result.detail}`);
}

function seenIn(order: Order, before: string, refused: boolean): Seen {
  const { value, status } = order.snapshot;
  const trace = traceOf(order);
  if (!trace.startsWith(before)) throw new Error(`The trace lost its beginning: ${trace}`);
  return {
    state: leaves(value, ""),
    done: status === "done",
    refused,
    trace: trace.slice(before.length).trim(),
  };
}

function traceOf(order: Order): string {
  const { trace } = order.snapshot.data;
  return typeof trace === "string" ? trace : "";
}

export function leaves(value: StateValue, path: string): readonly string[] {
  const below = (key: string) => (path === "" ? key : `${path}.${key}`);
  if (typeof value === "string") return [below(value)];
  const inner = Object.entries(value);
  if (inner.length === 0) return [path === "" ? "/" : path];
  return inner.flatMap(([key, child]) => leaves(child, below(key)));
}

function keysSorted(_key: string, value: Json): Json {
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
