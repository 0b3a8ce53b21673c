/**
 * Microseconds per step: ours and XState's own `transition()` route, A B A B in one run.
 * Both go from stored text to stored text through the same 58 states with the same data; ours does more on the way
 * (payload schema, CEL, timers as data, document order, strict restore), XState's guards are plain JavaScript.
 * Run: `npm run bench:step`.
 */

import { cpus } from "node:os";
import { createMachine, transition } from "xstate";
import { judge } from "../../machines/compile/judge.ts";
import type { Order } from "../../machines/order.ts";
import { start } from "../../machines/step/start.ts";
import { step } from "../../machines/step/step.ts";
import { document, orderData, xstateMachine } from "./step-definition.ts";

const ROUNDS = 7;
const STEPS = 5_000;
const NOW = "2026-11-22T08:00:00.000Z";
const actor = { sub: "tech-7", role: "technician", centre: null };
const payload = { amount: 12.5 };

const { executable, findings } = judge(JSON.stringify(document), "json");
if (executable === null) throw new Error(JSON.stringify(findings, null, 2));
const started = start(
  executable,
  { identity: { id: "bench", businessKey: null, centre: null }, data: orderData, actor },
  NOW,
);
if (started.kind !== "stepped") throw new Error(started.detail);

function ourStep(order: Order): Order {
  if (executable === null) throw new Error("checked above");
  const result = step(executable, order, { type: "NEXT", payload, actor }, NOW);
  if (result.kind !== "stepped") throw new Error(result.detail);
  return result.order;
}

function ourTextToText(): void {
  const { snapshot, ...head } = startedOrder;
  let text = JSON.stringify(snapshot);
  let revision = 1;
  for (let n = 0; n < STEPS; n += 1) {
    const next = ourStep({ ...head, revision, snapshot: JSON.parse(text) });
    text = JSON.stringify(next.snapshot);
    revision = next.revision;
  }
}

function ourMemory(): void {
  let order = startedOrder;
  for (let n = 0; n < STEPS; n += 1) order = ourStep(order);
}

const machine = xstateMachine();
const event = { type: "NEXT", ...payload };
const xstateStart = machine.getInitialSnapshot(
  // XState's pure initial route needs an actor scope; a machine without states lends one.
  ...scopeFor(orderData),
);

function scopeFor(input: unknown): Parameters<typeof machine.getInitialSnapshot> {
  return [
    {
      self: {},
      system: { _sendInspectionEvent: () => {} },
      actionExecutor: () => {},
      defer: () => {},
    } as never,
    input as never,
  ];
}

function xstateTextToText(): void {
  let text = JSON.stringify(machine.getPersistedSnapshot(xstateStart));
  for (let n = 0; n < STEPS; n += 1) {
    const restored = machine.resolveState(JSON.parse(text));
    const [next] = transition(machine, restored, event as never);
    text = JSON.stringify(machine.getPersistedSnapshot(next));
  }
}

function xstateMemory(): void {
  let snapshot = xstateStart;
  for (let n = 0; n < STEPS; n += 1) [snapshot] = transition(machine, snapshot, event as never);
}

const startedOrder = started.order;
void createMachine;

const routes = { ourTextToText, xstateTextToText, ourMemory, xstateMemory };
type Route = keyof typeof routes;
const figures: Record<Route, number[]> = {
  ourTextToText: [],
  xstateTextToText: [],
  ourMemory: [],
  xstateMemory: [],
};

for (let round = 0; round <= ROUNDS; round += 1) {
  for (const name of Object.keys(routes) as Route[]) {
    const from = process.hrtime.bigint();
    routes[name]();
    const us = Number(process.hrtime.bigint() - from) / 1_000 / STEPS;
    // The first round warms both up and counts for neither.
    if (round > 0) figures[name].push(us);
    process.stderr.write(`\r${name} round ${round}/${ROUNDS}: ${us.toFixed(1)} us   `);
  }
}
process.stderr.write("\n");

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const result = {
  bench: "step",
  node: process.version,
  cpu: cpus()[0]?.model,
  rounds: ROUNDS,
  steps: STEPS,
  snapshotBytes: JSON.stringify(startedOrder.snapshot).length,
  microseconds: Object.fromEntries(
    Object.entries(figures).map(([name, values]) => [name, Number(median(values).toFixed(2))]),
  ),
  ratios: {
    textToText: Number(
      (median(figures.ourTextToText) / median(figures.xstateTextToText)).toFixed(3),
    ),
    memory: Number((median(figures.ourMemory) / median(figures.xstateMemory)).toFixed(3)),
  },
};
console.log(JSON.stringify(result));
console.table(result.microseconds);
