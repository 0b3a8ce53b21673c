/**
 * Microseconds per step: ours and XState's own `transition()` route, A B A B in one run.
 * Both go from stored text to stored text through the same 58 states with the same data; ours does more on the way
 * (payload schema, CEL, timers as data, document order, strict restore), XState's guards are plain JavaScript.
 * Run: `npx node tests/bench/step.ts`.
 */

import { cpus } from "node:os";
import { initialTransition, transition } from "xstate";
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
const [xstateStart] = initialTransition(machine, orderData);

function xstateTextToText(): void {
  let text = JSON.stringify(machine.getPersistedSnapshot(xstateStart));
  for (let n = 0; n < STEPS; n += 1) {
    const restored = machine.resolveState(JSON.parse(text));
    const [next] = transition(machine, restored, event);
    text = JSON.stringify(machine.getPersistedSnapshot(next));
  }
}

function xstateMemory(): void {
  let snapshot = xstateStart;
  for (let n = 0; n < STEPS; n += 1) [snapshot] = transition(machine, snapshot, event);
}

const startedOrder = started.order;

interface Timed {
  readonly run: () => void;
  readonly us: number[];
}

const figures = {
  ourTextToText: timed(ourTextToText),
  xstateTextToText: timed(xstateTextToText),
  ourMemory: timed(ourMemory),
  xstateMemory: timed(xstateMemory),
};

function timed(run: () => void): Timed {
  return { run, us: [] };
}

for (let round = 0; round <= ROUNDS; round += 1) {
  for (const [name, { run, us }] of Object.entries(figures)) {
    const from = process.hrtime.bigint();
    run();
    const each = Number(process.hrtime.bigint() - from) / 1_000 / STEPS;
    // The first round warms both up and counts for neither.
    if (round > 0) us.push(each);
    process.stderr.write(`\r${name} round ${round}/${ROUNDS}: ${each.toFixed(1)} us   `);
  }
}
process.stderr.write("\n");

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const result = {
  bench: "step",
  node: process.version,
  cpu: cpus()[0]?.model,
  rounds: ROUNDS,
  steps: STEPS,
  snapshotBytes: JSON.stringify(startedOrder.snapshot).length,
  microseconds: Object.fromEntries(
    Object.entries(figures).map(([name, { us }]) => [name, Number(median(us).toFixed(2))]),
  ),
  ratios: {
    textToText: ratio(figures.ourTextToText, figures.xstateTextToText),
    memory: ratio(figures.ourMemory, figures.xstateMemory),
  },
};

function ratio(ours: Timed, theirs: Timed): number {
  return Number((median(ours.us) / median(theirs.us)).toFixed(3));
}

console.log(JSON.stringify(result));
console.table(result.microseconds);
