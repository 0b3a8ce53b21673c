/** Runs one recorded history through another definition: where that would have refused it, and where it ends elsewhere. */

import { isDeepStrictEqual } from "node:util";
import type { Executable } from "../../../machines/compile/executable.ts";
import type { Instant, StateValue } from "../../../machines/order.ts";
import { MIGRATED } from "../migrated-places.ts";
import { executablesOf, type Recorded } from "../recorded.ts";
import { replay, type Diverged, type ExecutableOf, type Replayed } from "../replay.ts";
import { createCourse, type Refusal } from "./course.ts";
import { effectCounts, type EffectCount } from "./effect-counts.ts";

/** Where an order stands; `waitsFor`: types of the jobs that are open. */
export interface Standing {
  readonly status: "active" | "done";
  readonly outcome: string | null;
  readonly state: StateValue;
  readonly waitsFor: readonly string[];
}

/** The first entry after which the two stood in different states, though nothing had been refused. */
export interface Parting {
  readonly revision: number;
  readonly at: Instant;
  readonly event: string;
  readonly told: StateValue;
  readonly found: StateValue;
}

/**
 * `same`: it takes all that happened, and ends where it ended. `elsewhere`: it takes all, and ends elsewhere. `refused`: it
 * would not have taken something. `undecided`: that hangs on personal values which were not disclosed.
 */
export type Verdict = "same" | "elsewhere" | "refused" | "undecided";

export interface Backtested {
  readonly kind: "backtested";
  readonly id: string;
  readonly verdict: Verdict;
  readonly entries: number;
  /** Version that the order was started under. */
  readonly version: string;
  /** Whether it went on in another version on the way: what its migration itself moved or set is not done again. */
  readonly isMigrated: boolean;
  /** In the order of the history: the first is the cause, and what comes later may follow from it. */
  readonly refusals: readonly Refusal[];
  readonly told: Standing;
  /** Null: even the start is refused. */
  readonly found: Standing | null;
  readonly parting: Parting | null;
  /** Effects that it would have had more or less often; none where something was refused. */
  readonly effects: readonly EffectCount[];
}

/** A history that does not replay proves nothing, and is not judged. */
export interface Unproven extends Pick<Diverged, "revision" | "field"> {
  readonly kind: "unproven";
  readonly id: string;
}

export function backtestHistory(
  candidate: Executable,
  recorded: Recorded,
  executableOf: ExecutableOf = executablesOf(recorded),
): Backtested | Unproven {
  const { id, lines, values } = recorded;
  const course = createCourse(candidate, values, executableOf);
  const replayed: Replayed[] = [];
  let parting: Parting | null = null;
  for (const next of replay(lines, executableOf)) {
    if (next.kind === "diverged") {
      return { kind: "unproven", id, revision: next.revision, field: next.field };
    }
    course.follow(replayed.at(-1) ?? null, next);
    replayed.push(next);
    parting ??= course.refusals().length > 0 ? null : partingAt(next, course.order()?.snapshot);
  }
  const [first] = replayed;
  const last = replayed.at(-1);
  if (first === undefined || last === undefined) {
    return { kind: "unproven", id, revision: 1, field: "line" };
  }
  const told = standingOf(last.order.snapshot);
  const order = course.order();
  const found = order === null ? null : standingOf(order.snapshot);
  const refusals = course.refusals();
  const recordedEffects = replayed.flatMap(({ stepped }) => stepped.effects);
  return {
    ...{ kind: "backtested", id, entries: replayed.length, refusals, told, found, parting },
    verdict: verdictOf(refusals, told, found),
    isMigrated: replayed.some(({ entry }) => entry.type === MIGRATED),
    version: executableOf(first.entry.digest)?.version ?? "",
    effects: refusals.length > 0 ? [] : effectCounts(recordedEffects, course.effects()),
  };
}

function verdictOf(refusals: readonly Refusal[], told: Standing, found: Standing | null): Verdict {
  if (refusals.some(({ isDecided }) => isDecided)) return "refused";
  if (refusals.length > 0) return "undecided";
  return found !== null && isSameEnd(told, found) ? "same" : "elsewhere";
}

/** What has ended is told by its outcome: names of final states are the definition's own. */
function isSameEnd(told: Standing, found: Standing): boolean {
  if (told.status !== found.status || told.outcome !== found.outcome) return false;
  return told.status === "done" || isDeepStrictEqual(told.state, found.state);
}

function partingAt(
  { entry, order }: Replayed,
  found: { readonly value: StateValue } | undefined,
): Parting | null {
  const told = order.snapshot.value;
  if (found === undefined || isDeepStrictEqual(told, found.value)) return null;
  const { revision, at, type } = entry;
  return { revision, at, event: type, told, found: found.value };
}

export function standingOf({
  status,
  outcome,
  value,
  jobs,
}: Replayed["order"]["snapshot"]): Standing {
  const waitsFor = [...new Set(jobs.map(({ type }) => type))].toSorted();
  return { status, outcome, state: value, waitsFor };
}
