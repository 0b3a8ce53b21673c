/** Makes the next order of a run that came to rest, or refuses what no order may be. */

import type { Conductor } from "../chart/moment.ts";
import type { ChartState, Executable } from "../compile/executable.ts";
import { memberOf } from "../json.ts";
import type { Item, OrderSnapshot, Stepped } from "../order.ts";
import { checkedData } from "./checked-data.ts";
import { cancelTimer, closeJob } from "./conductor.ts";
import { checkInvariants, keepSound } from "./invariants.ts";
import type { LiveItem, Run } from "./run.ts";

export function finish(
  run: Run,
  before: OrderSnapshot | null,
  performers: OrderSnapshot["performers"],
  conductor: Conductor,
): Stepped {
  const { executable, order } = run;
  if (order === null) throw new Error("A run has an order when it ends.");
  endWhatIsDone(run);
  const data = checkedData(before?.data ?? null, run.data, executable.data, "the order");
  const items = finishedItems(run, before);
  checkInvariants(run, before, items, conductor);
  const snapshot: OrderSnapshot = {
    value: order.value,
    status: order.status,
    history: order.history,
    outcome: order.status === "done" ? outcomeOf(executable, order.active) : null,
    data,
    items,
    timers: unlessSame(before?.timers, run.timers),
    jobs: unlessSame(before?.jobs, run.jobs),
    performers,
  };
  keepSound(snapshot, executable);
  const { identity, revision, now: at } = run;
  return {
    kind: "stepped",
    order: { identity, digest: executable.digest, revision, at, snapshot },
    effects: run.effects,
    timers: {
      set: run.timers.filter(({ id }) => run.timersSet.includes(id)),
      cancelled: run.timersCancelled,
    },
    jobs: {
      opened: run.jobs.filter(({ id }) => run.jobsOpened.includes(id)),
      closed: run.jobsClosed,
    },
    taken: run.taken,
    items: Object.fromEntries(run.moved),
    begun: run.begun,
  };
}

/** What has ended waits for nothing: its timers and jobs go, and with the order those of all its items. */
function endWhatIsDone(run: Run): void {
  const orderDone = run.order?.status === "done";
  const isOver = (item: string | undefined): boolean =>
    orderDone || (item !== undefined && itemDone(run, item));
  for (const { id } of run.timers.filter((timer) => isOver(timer.item))) cancelTimer(run, id);
  for (const { id } of run.jobs.filter((job) => isOver(job.item))) closeJob(run, id);
}

function itemDone(run: Run, name: string): boolean {
  const end = name.indexOf("/");
  const [collection, id] = [name.slice(0, end), name.slice(end + 1)];
  const isIt = (member: { readonly id: string }): boolean => member.id === id;
  const members = run.items.get(collection);
  if (members === undefined) return memberOf(run.stored, collection)?.find(isIt)?.status === "done";
  const item = members.find(isIt);
  return (item?.live?.status ?? item?.stored?.status) === "done";
}

/** What no step has touched stays the very same object, so that whoever works on it next can tell. */
function finishedItems(run: Run, before: OrderSnapshot | null): OrderSnapshot["items"] {
  const items: Record<string, readonly Item[]> = {};
  for (const collection of run.executable.items.keys()) {
    const stored = memberOf(run.stored, collection) ?? NO_ITEMS;
    const members = run.items.get(collection);
    items[collection] =
      members === undefined
        ? stored
        : unlessSame(
            stored,
            members.map((member) => finishedItem(run.executable, member)),
          );
  }
  return before !== null && areSame(before.items, items) ? before.items : items;
}

const NO_ITEMS: readonly Item[] = [];

function areSame(before: OrderSnapshot["items"], after: OrderSnapshot["items"]): boolean {
  const collections = Object.keys(after);
  const known = Object.keys(before);
  return (
    known.length === collections.length &&
    known.every((name, index) => name === collections[index] && before[name] === after[name])
  );
}

function unlessSame<T>(before: readonly T[] | undefined, after: readonly T[]): readonly T[] {
  if (before === undefined || before.length !== after.length) return after;
  return before.every((member, index) => member === after[index]) ? before : after;
}

function finishedItem(executable: Executable, item: LiveItem): Item {
  const { id, stored, live } = item;
  if (live === null) {
    if (stored === null) throw new Error("An item is stored or live.");
    return stored;
  }
  const spec = executable.items.get(item.collection);
  if (spec === undefined) throw new Error(`no collection ${item.collection}`);
  const data = checkedData(stored?.data ?? null, live.data, spec.data, `${item.collection}/${id}`);
  const { value, status, history } = live;
  // Restored to be looked at, as most are.
  const isSame =
    stored !== null &&
    data === stored.data &&
    value === stored.value &&
    status === stored.status &&
    history === stored.history;
  return isSame ? stored : { id, value, status, history, data };
}

/** The outcome that the final state names, else its key. */
function outcomeOf(executable: Executable, active: readonly string[]): string {
  const final = active
    .map((path) => executable.order.states.get(path))
    .filter((state): state is ChartState => state?.kind === "final");
  // The outermost final state ended the order; those inside it ended their regions before.
  const last = final.toSorted((a, b) => depth(a) - depth(b))[0];
  return last?.meta.outcome ?? last?.key ?? "done";
}

function depth(state: ChartState): number {
  return state.path.split(".").length;
}
