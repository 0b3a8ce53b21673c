/** Brings events to the charts of a run, in the fixed order: the item, the order, then what they raised. */

import type { LiveChart } from "../chart/machine.ts";
import type { ChartEvent, Conductor } from "../chart/moment.ts";
import type { Chart } from "../compile/executable.ts";
import { StepFailure } from "./failure.ts";
import type { LiveItem, Run } from "./run.ts";
import { chartOf, itemIn, liveItem, setOrder } from "./run.ts";

/** Upper bound of events that charts send one another in one step. */
const MAX_DELIVERIES = 1_000;

/** Gives the event to the order's chart. @returns whether a transition was enabled by it */
export function deliverToOrder(run: Run, event: ChartEvent): boolean {
  if (run.order === null || run.order.status === "done") return false;
  const { live, selected } = run.executable.order.machine.transition(run.order, event);
  setOrder(run, live);
  return selected;
}

/** Gives the event to one item's chart. @returns whether a transition was enabled by it */
export function deliverToItem(
  run: Run,
  item: LiveItem,
  event: ChartEvent,
  conductor: Conductor,
): boolean {
  const before = liveItem(run, item, conductor);
  if (before === null || before.status === "done") return false;
  const { live, selected } = chartOf(run, item.collection).machine.transition(before, event);
  item.live = live;
  item.data = live.data;
  item.view = null;
  if (selected) recordMove(run, item, before, live);
  return selected;
}

function recordMove(run: Run, item: LiveItem, before: LiveChart, after: LiveChart): void {
  const name = `${item.collection}/${item.id}`;
  const first = run.moved.get(name);
  run.moved.set(name, [first === undefined ? before.value : first[0], after.value]);
}

/** Delivers what charts sent one another until nothing is left. An order or an item that has ended takes no more. */
export function drain(run: Run, conductor: Conductor): void {
  for (let delivered = 0; run.queue.length > 0; delivered += 1) {
    if (delivered >= MAX_DELIVERIES) {
      throw new StepFailure(
        "step-unbounded",
        `Expected the step to come to rest, found more than ${MAX_DELIVERIES} events between the order and its items. Look for a \`send\` and a \`raise\` that answer each other.`,
      );
    }
    const delivery = run.queue.shift();
    if (delivery === undefined) return;
    if (delivery.to === "order") deliverToOrder(run, delivery.event);
    else {
      const item = itemIn(run, delivery.collection, delivery.id);
      if (item !== null) deliverToItem(run, item, delivery.event, conductor);
    }
  }
}

const vocabularies = new WeakMap<Chart, ReadonlySet<string>>();

/** Whether any state of the chart has a transition for the event. */
export function knows(chart: Chart, event: string): boolean {
  let vocabulary = vocabularies.get(chart);
  if (vocabulary === undefined) {
    vocabulary = new Set([...chart.states.values()].flatMap((state) => [...state.on.keys()]));
    vocabularies.set(chart, vocabulary);
  }
  return vocabulary.has(event);
}
