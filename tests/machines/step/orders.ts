/** Short ways to make executables and orders in tests of the pure core. */

import { judge } from "../../../machines/compile/judge.ts";
import type { Executable } from "../../../machines/compile/executable.ts";
import type { JsonObject } from "../../../machines/json.ts";
import type { Order, OrderEvent, StepResult, Stepped } from "../../../machines/order.ts";
import { start } from "../../../machines/step/start.ts";
import { step } from "../../../machines/step/step.ts";

export const NOW = "2026-11-22T08:00:00.000Z";

export const technician = { sub: "tech-7", role: "technician", centre: null };
export const engine = { sub: "sevenstep", role: "system", centre: null };

export function executableOf(document: JsonObject): Executable {
  const text = JSON.stringify({ process: "test", version: "1.0.0", ...document });
  const { executable, findings } = judge(text, "json");
  if (executable === null) throw new Error(JSON.stringify(findings, null, 2));
  return executable;
}

export function startOrder(executable: Executable, data: JsonObject = {}, now = NOW): Stepped {
  const identity = { id: "order-1", businessKey: null, centre: null };
  return stepped(start(executable, { identity, data, actor: technician }, now));
}

export function stepped(result: StepResult): Stepped {
  if (result.kind === "rejected") throw new Error(`${result.code}: ${result.detail}`);
  return result;
}

export function send(
  executable: Executable,
  order: Order,
  type: string,
  payload: JsonObject = {},
  now = NOW,
  actor: OrderEvent["actor"] = technician,
): StepResult {
  return step(executable, order, { type, payload, actor }, now);
}

export function fire(executable: Executable, order: Order, timer: string, now: string): StepResult {
  return step(executable, order, { type: "timer.fired", payload: { timer }, actor: engine }, now);
}

/** The order as a store gives it back. */
export function restored(order: Order): Order {
  return JSON.parse(JSON.stringify(order));
}
