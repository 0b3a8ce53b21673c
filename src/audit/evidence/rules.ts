/**
 * Counts, from the entries and the definitions alone, where a rule of the process could have been broken, and finds the
 * first place where it was. Replay refuses the same through the step; this asks again, without it.
 */

import type { Executable } from "../../../machines/compile/executable.ts";
import { memberOf } from "../../../machines/json.ts";
import type { StateValue } from "../../../machines/order.ts";
import type { Entry } from "../entry.ts";
import type { ExecutableOf } from "../replay.ts";
import { createSenders, type Senders } from "../senders.ts";
import { refuted, type Refuted } from "./verdict.ts";

/** How often each rule was asked, and held. */
export interface RulesHeld {
  readonly kind: "held";
  /** Events that a separation rule keeps from some people, where they were sent. */
  readonly separations: number;
  /** Timers that fired, none early. */
  readonly timers: number;
  /** Effects, all of them declared by their definition. */
  readonly effects: number;
}

/** What the engine itself writes as an effect: the opening and closing of jobs. */
const JOB_EFFECTS: ReadonlySet<string> = new Set(["job.opened", "job.closed"]);

export function checkRules(
  entries: readonly Entry[],
  executableOf: ExecutableOf,
): RulesHeld | Refuted {
  const senders = createSenders();
  const pending = new Map<string, string>();
  const held = { separations: 0, timers: 0, effects: 0 };
  for (const entry of entries) {
    const executable = executableOf(entry.digest);
    if (executable === null) {
      return refuted(`entry ${entry.revision}, digest`, "a known definition", entry.digest);
    }
    const separations = brokenSeparation(entry, executable, senders);
    if (typeof separations !== "number") return separations;
    held.separations += separations;
    const timers = earlyTimer(entry, pending);
    if (typeof timers !== "number") return timers;
    held.timers += timers;
    const undeclared = entry.effects.find(
      ({ type }) => !JOB_EFFECTS.has(type) && !executable.effects.has(type),
    );
    if (undeclared !== undefined) {
      const expected = `an effect that ${executable.process} ${executable.version} declares`;
      return refuted(`entry ${entry.revision}, effects`, expected, undeclared.type);
    }
    held.effects += entry.effects.length;
    senders.note(entry);
  }
  return { kind: "held", ...held };
}

function brokenSeparation(
  { revision, type, actor, before }: Entry,
  { separation }: Executable,
  senders: Pick<Senders, "of">,
): number | Refuted {
  const rules = separation.filter(
    (rule) => rule.event === type && (rule.in === null || isIn(before, rule.in)),
  );
  for (const { notBy } of rules) {
    const done = notBy.find((event) => senders.of(event).includes(actor.sub));
    if (done === undefined) continue;
    const expected = `${type} by somebody who has not sent ${done}`;
    return refuted(`entry ${revision}, actor`, expected, actor.sub);
  }
  return rules.length;
}

function earlyTimer(
  { revision, type, payload, at, timers }: Entry,
  pending: Map<string, string>,
): number | Refuted {
  const fired = type === "timer.fired" ? payload["timer"] : undefined;
  if (fired !== undefined) {
    const dueAt = typeof fired === "string" ? pending.get(fired) : undefined;
    const place = `entry ${revision}, payload`;
    if (dueAt === undefined) {
      return refuted(place, "a timer that was set and is pending", JSON.stringify(fired));
    }
    // Instants of one form and length compare as texts.
    if (at < dueAt) return refuted(`entry ${revision}, at`, `${dueAt} or later`, at);
  }
  for (const id of timers.cancelled) pending.delete(id);
  for (const { id, dueAt } of timers.set) pending.set(id, dueAt);
  return fired === undefined ? 0 : 1;
}

/** @param path dots between keys, from the root */
function isIn(value: StateValue | null, path: string): boolean {
  let inner: StateValue | undefined = value ?? undefined;
  for (const key of path.split(".")) {
    if (inner === undefined) return false;
    if (typeof inner === "string") {
      if (inner !== key) return false;
      inner = undefined;
    } else {
      const next: StateValue | undefined = memberOf(inner, key);
      if (next === undefined) return false;
      inner = next;
    }
  }
  return true;
}
