/**
 * What an order waits for in another version: timers and jobs of a state that goes on go on with it, with their ids and due
 * instants; those of states that are left end; those that only the new version knows begin at the instant of the migration.
 */

import type { Deed, Moment } from "../chart/moment.ts";
import type { Chart, ChartState, Executable, Invocation } from "../compile/executable.ts";
import type { Job, Timer } from "../order.ts";
import type { MappedChart } from "./map-chart.ts";

/** One chart of an order, before and after. */
export interface MovedChart {
  readonly from: Chart;
  readonly to: Chart;
  readonly mapped: MappedChart;
  /** `collection/itemId`; absent: the order's own. */
  readonly before?: string;
  readonly after?: string;
}

/** `from`: the version that the order lives under. */
export interface Versions {
  readonly from: Executable;
  readonly to: Executable;
}

/** The timer as it goes on; null: its state does not, or has no such timer any more. */
export function carriedTimer(timer: Timer, moved: MovedChart): Timer | null {
  const heir = heirs(moved).find(([, state, left]) => {
    return left === timer.state && state.delays.some(({ after }) => after === timer.after);
  });
  if (heir === undefined) return null;
  const { id, after, dueAt } = timer;
  const owner = moved.after === undefined ? {} : { item: moved.after };
  return { id, ...owner, state: heir[0], after, dueAt };
}

/** The job as it goes on; null: it ends, and with it the claim of whoever works on it. One of a renamed item is another. */
export function carriedJob(versions: Versions, job: Job, moved: MovedChart): Job | null {
  const heir = heirs(moved).find(([, state, left]) => {
    return left === job.state && state.invokes.some((invocation) => isSame(invocation, job));
  });
  if (heir === undefined || !isSameWork(versions, job, moved)) return null;
  return { ...job, state: heir[0] };
}

/**
 * What begins: timers and jobs that states of the new version have, and those that they go on for had not.
 * @param open jobs before
 */
export function begins(
  versions: Versions,
  moved: MovedChart,
  open: readonly Job[],
): readonly Deed[] {
  const { from, to, mapped, before } = moved;
  const isOwn = ({ item }: { readonly item?: string }): boolean => item === before;
  return [...to.states.values()]
    .filter(({ path }) => mapped.active.has(path))
    .flatMap((state): readonly Deed[] => {
      const left = mapped.kept.get(state.path);
      const old = left === undefined ? undefined : from.states.get(left);
      // One that its state had and that is not pending has fired, or ended: it does not come again.
      const delays = state.delays.filter(
        ({ after }) => !(old?.delays.some((delay) => delay.after === after) ?? false),
      );
      const invokes = state.invokes.filter((invocation) => {
        const known = old?.invokes.some(({ id, type }) => isSame(invocation, { invoke: id, type }));
        if (known !== true) return true;
        const job = open.find(
          (each) => isOwn(each) && each.state === left && each.invoke === invocation.id,
        );
        return job !== undefined && !isSameWork(versions, job, moved);
      });
      return [
        ...delays.map((delay): Deed => ({ kind: "timer.set", state: state.path, delay })),
        ...invokes.map((invocation): Deed => ({
          kind: "job.open",
          state: state.path,
          invocation,
        })),
      ];
    });
}

export function perform(deeds: readonly Deed[], moment: Moment): void {
  for (const deed of deeds) moment.context.conductor.perform(deed, moment);
}

function isSame(
  { id, type }: Pick<Invocation, "id" | "type">,
  job: Pick<Job, "invoke" | "type">,
): boolean {
  return id === job.invoke && type === job.type;
}

/** Whoever may do it under one version may under the other, and finds the input that it expects. */
function isSameWork(
  { from, to }: Versions,
  { type, input }: Job,
  { before, after }: MovedChart,
): boolean {
  if (before !== after) return false;
  const [old, now] = [from, to].map(({ document }) => document.jobs?.[type]);
  const terms = (declared: typeof old): string =>
    JSON.stringify([declared?.builtin ?? null, declared?.by ?? [], declared?.retries ?? null]);
  return terms(old) === terms(now) && to.jobs.get(type)?.input.sealed(input).length === 0;
}

/** States of the new chart that go on for one of the old: path, state, and the old one's path. */
function heirs({ to, mapped }: MovedChart): readonly (readonly [string, ChartState, string])[] {
  return [...mapped.kept].flatMap(([path, left]) => {
    const state = to.states.get(path);
    return state === undefined ? [] : [[path, state, left] as const];
  });
}
