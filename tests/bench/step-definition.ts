/** A process of 58 states, once as a document of ours and once as the XState machine that a team would write for it. */

import { assign, createMachine } from "xstate";
import type { AnyStateMachine } from "xstate";
import type { JsonObject } from "../../machines/json.ts";

const STEPS = 7;
const TASKS = 7;

const keys = (count: number, prefix: string): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);

/** About 3 KB of order data, of the kind that a service visit holds. */
export const orderData: JsonObject = {
  count: 0,
  total: 0,
  vehicle: { model: "Aurora 5", mileage: 48_210, warranty: true },
  lines: Array.from({ length: 24 }, (_, index) => ({
    id: `line-${index + 1}`,
    title: `Replace part number ${index + 1}, with gasket and fluid`,
    minutes: 15 + index,
    price: 12_800 + index * 100,
    approved: index % 3 !== 0,
  })),
};

const lineSchema: JsonObject = {
  type: "object",
  properties: {
    id: { type: "string" },
    title: { type: "string" },
    minutes: { type: "integer" },
    price: { type: "integer" },
    approved: { type: "boolean" },
  },
};

/** Root, 7 compound states of 7 tasks each, one final state: 58. */
export const document: JsonObject = {
  process: "bench-visit",
  version: "1.0.0",
  roles: ["technician"],
  data: {
    type: "object",
    properties: {
      count: { type: "integer", default: 0 },
      total: { type: "number", default: 0 },
      vehicle: {
        type: "object",
        properties: {
          model: { type: "string" },
          mileage: { type: "integer" },
          warranty: { type: "boolean" },
        },
      },
      lines: { type: "array", items: lineSchema },
    },
  },
  events: {
    NEXT: {
      by: ["technician"],
      payload: {
        type: "object",
        required: ["amount"],
        properties: { amount: { type: "number" } },
      },
    },
  },
  effects: {
    notify: { payload: { type: "object", properties: { count: { type: "integer" } } } },
  },
  machine: machineOf(
    {
      guard: "= event.amount > 0 && count < 1000000",
      actions: [
        { type: "assign", params: { count: "= count + 1", total: "= total + event.amount" } },
        { type: "notify", params: { count: "= count" } },
      ],
    },
    { PT15M: { actions: [{ type: "notify", params: { count: "= count" } }] } },
  ),
};

interface BenchContext {
  readonly count: number;
  readonly total: number;
}

interface BenchEvent {
  readonly type: "NEXT";
  readonly amount: number;
}

interface Met {
  readonly context: BenchContext;
  readonly event: BenchEvent;
}

/** The same statechart with guards and assignments as JavaScript functions. */
export function xstateMachine(): AnyStateMachine {
  const config = {
    ...machineOf(
      { guard: "positive", actions: ["count", { type: "notify" }] },
      { quarter: { actions: [{ type: "notify" }] } },
    ),
    context: ({ input }: { readonly input: BenchContext }) => input,
  };
  return createMachine(config, {
    guards: {
      positive: ({ context, event }: Met) => event.amount > 0 && context.count < 1_000_000,
    },
    actions: {
      count: assign(({ context, event }: Met) => ({
        count: context.count + 1,
        total: context.total + event.amount,
      })),
      notify: () => {},
    },
    delays: { quarter: 15 * 60_000 },
  });
}

function machineOf(transition: JsonObject, after: JsonObject): JsonObject {
  const steps = keys(STEPS, "step");
  return {
    id: "bench",
    initial: "step1",
    states: {
      ...Object.fromEntries(
        steps.map((step, index) => [
          step,
          stepState(transition, after, `#${steps[index + 1] ?? "step1"}`, step),
        ]),
      ),
      done: { type: "final" },
    },
  };
}

function stepState(
  transition: JsonObject,
  after: JsonObject,
  next: string,
  id: string,
): JsonObject {
  const tasks = keys(TASKS, "task");
  return {
    id,
    initial: "task1",
    after,
    states: Object.fromEntries(
      tasks.map((task, index) => [
        task,
        {
          tags: ["value-added"],
          on: { NEXT: { ...transition, target: tasks[index + 1] ?? next } },
        },
      ]),
    ),
  };
}
