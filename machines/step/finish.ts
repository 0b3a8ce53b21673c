/** Makes the next order of a run that came to rest, or refuses what no order may be. */

import type { Conductor } from "../chart/moment.ts";
import type { ChartState, Executable } from "../compile/executable.ts";
import type { Item, OrderSnapshot, Stepped } from "../order.ts";
import { checkedData } from "./checked-data.ts";
import { cancelTimer, closeJob } from "./conductor.ts";
import { StepFailure } from "./failure.ts";
import type { LiveItem, Run } from "./run.ts";
import { scopeOf } from "./scope.ts";

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
  const items = Object.fromEntries(
    [...run.items].map(([collection, members]) => [
      collection,
      members.map((member) => finishedItem(executable, member)),
    ]),
  );
  checkInvariants(run, conductor);
  const snapshot: OrderSnapshot = {
    value: order.value,
    status: order.status,
    history: order.history,
    outcome: order.status === "done" ? outcomeOf(executable, order.active) : null,
    data,
    items,
    timers: run.timers,
    jobs: run.jobs,
    performers,
  };
  const { identity, revision, now: at } = run;
  return {
    kind: "stepped",
    order: { identity, digest: executable.digest, revision, at, snapshot },
    effects: run.effects,
    timers: {
      set: run.timers.filter(({ id }) => run.timersSet.has(id)),
      cancelled: run.timersCancelled,
    },
    jobs: { opened: run.jobs.filter(({ id }) => run.jobsOpened.has(id)), closed: run.jobsClosed },
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
  const [collection = "", ...rest] = name.split("/");
  const id = rest.join("/");
  const item = run.items.get(collection)?.find((member) => member.id === id);
  return (item?.live?.status ?? item?.stored?.status) === "done";
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
  return { id, value: live.value, status: live.status, history: live.history, data };
}

function checkInvariants(run: Run, conductor: Conductor): void {
  const { invariants } = run.executable;
  if (invariants.length === 0) return;
  const scope = scopeOf(run, {}, null, conductor);
  for (const { id, pointer, always } of invariants) {
    if (always.evaluate(scope) === true) continue;
    throw new StepFailure("invariant-violated", `The invariant "${id}" would no longer hold.`, {
      because: `= ${always.source}`,
      pointer,
    });
  }
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
