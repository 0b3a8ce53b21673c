/** One step under way: what it has so far, until it becomes the next order or is thrown away whole. */

import type { LiveChart, StoredChart } from "../chart/machine.ts";
import type { ChartContext, ChartEvent, Conductor } from "../chart/moment.ts";
import type { Chart, Executable } from "../compile/executable.ts";
import type { ItemView } from "../evaluation.ts";
import { memberOf, type JsonObject } from "../json.ts";
import type {
  Actor,
  Effect,
  Instant,
  Item,
  Job,
  Order,
  OrderIdentity,
  OrderSnapshot,
  StateValue,
  Taken,
  TaskPlace,
  Timer,
} from "../order.ts";
import { StepFailure } from "./failure.ts";

/** An item, restored from its stored form only when the step comes to it. */
export interface LiveItem {
  readonly collection: string;
  readonly id: string;
  /** Null for an item that this step opened. */
  readonly stored: Item | null;
  live: LiveChart | null;
  data: JsonObject;
  view: ItemView | null;
}

/** An event that was raised across charts and waits for its turn. */
export type Delivery =
  | { readonly to: "order"; readonly event: ChartEvent }
  | {
      readonly to: "item";
      readonly collection: string;
      readonly id: string;
      readonly event: ChartEvent;
    };

export interface Run {
  readonly executable: Executable;
  readonly identity: OrderIdentity;
  readonly actor: Actor;
  readonly now: Instant;
  /** The revision that this step makes. */
  readonly revision: number;
  /** The order's chart as the step found it; null before the start. */
  found: LiveChart | null;
  /** As the step found them. */
  stored: OrderSnapshot["items"];
  /** By collection, those that the step has come to: see `itemsIn`. */
  readonly items: Map<string, LiveItem[]>;
  readonly queue: Delivery[];
  readonly effects: Effect[];
  readonly taken: Taken[];
  readonly moved: Map<string, [StateValue | null, StateValue]>;
  readonly timersSet: string[];
  readonly timersCancelled: string[];
  readonly jobsOpened: string[];
  readonly jobsClosed: string[];
  readonly begun: TaskPlace[];
  timers: Timer[];
  jobs: Job[];
  /** Timers and jobs named so far: their ids are counted within the revision. */
  named: number;
  /** Items opened so far, and how many of them are being entered, each by an action of the one before. */
  opened: number;
  opening: number;
  /** The order's data at this point. */
  data: JsonObject;
  /** The order's chart at rest; null before its first configuration. */
  order: LiveChart | null;
  /** Whether a state of the order is active at this point. */
  inState: (path: string) => boolean;
}

export interface RunInput {
  readonly executable: Executable;
  readonly identity: OrderIdentity;
  readonly actor: Actor;
  readonly now: Instant;
  readonly revision: number;
  readonly data: JsonObject;
}

export function emptyRun(input: RunInput): Run {
  return {
    ...input,
    found: null,
    stored: {},
    items: new Map(),
    queue: [],
    effects: [],
    taken: [],
    moved: new Map(),
    timersSet: [],
    timersCancelled: [],
    jobsOpened: [],
    jobsClosed: [],
    begun: [],
    timers: [],
    jobs: [],
    named: 0,
    opened: 0,
    opening: 0,
    order: null,
    inState: () => false,
  };
}

/** Restores a stored order. @throws {StepFailure} `definition-mismatch` when it isn't an order of this executable */
export function restoredRun(
  executable: Executable,
  order: Order,
  actor: Actor,
  now: Instant,
  conductor: (run: Run) => Conductor,
): Run {
  if (order.digest !== executable.digest) {
    throw new StepFailure(
      "definition-mismatch",
      `Expected an order of ${executable.process} ${executable.version} (${executable.digest}), found one that lives under ${order.digest}.`,
    );
  }
  const { snapshot, identity } = order;
  const run = emptyRun({
    executable,
    identity,
    actor,
    now,
    revision: order.revision + 1,
    data: snapshot.data,
  });
  run.timers = [...snapshot.timers];
  run.jobs = [...snapshot.jobs];
  for (const collection of Object.keys(snapshot.items)) {
    if (!executable.items.has(collection)) throw mismatch(`a collection "${collection}"`);
  }
  run.stored = snapshot.items;
  run.found = restoredChart(executable.order, snapshot, contextOf(run, null, conductor(run)));
  setOrder(run, run.found);
  return run;
}

function restoredChart(chart: Chart, stored: StoredChart, context: ChartContext): LiveChart {
  try {
    return chart.machine.restore(stored, context);
  } catch (error) {
    if (error instanceof RangeError)
      throw mismatch(`a state that it doesn't know: ${error.message}`);
    throw error;
  }
}

function mismatch(found: string): StepFailure {
  return new StepFailure(
    "definition-mismatch",
    `Expected an order of this definition, found ${found}.`,
  );
}

export function setOrder(run: Run, live: LiveChart): void {
  run.order = live;
  run.data = live.data;
  run.inState = (path) => live.active.includes(path);
}

/** The context in which a chart of the run is entered or restored. */
export function contextOf(run: Run, item: LiveItem | null, conductor: Conductor): ChartContext {
  return {
    data: item === null ? run.data : item.data,
    item,
    conductor,
    selection: { count: -1 },
  };
}

/** The items of a collection, which no document may lack: most steps look at none of them. */
export function itemsIn(run: Run, collection: string): LiveItem[] {
  const known = run.items.get(collection);
  if (known !== undefined) return known;
  const stored = memberOf(run.stored, collection) ?? [];
  const items = stored.map((item): LiveItem => {
    const { id, data } = item;
    return { collection, id, stored: item, live: null, data, view: null };
  });
  run.items.set(collection, items);
  return items;
}

export function itemIn(run: Run, collection: string, id: string): LiveItem | null {
  return itemsIn(run, collection).find((item) => item.id === id) ?? null;
}

export function chartOf(run: Run, collection: string): Chart {
  const item = run.executable.items.get(collection);
  if (item === undefined) throw mismatch(`a collection "${collection}"`);
  return item.chart;
}

/** The item's chart at rest, restored at its first use. */
export function liveItem(run: Run, item: LiveItem, conductor: Conductor): LiveChart | null {
  if (item.live === null && item.stored !== null) {
    const chart = chartOf(run, item.collection);
    item.live = restoredChart(chart, item.stored, contextOf(run, item, conductor));
  }
  return item.live;
}
