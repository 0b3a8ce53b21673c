/** Separation of duties, decided from who did what in this order, reworks included (ANSI INCITS 359, dynamic SoD). */

import type { Executable, SeparationRule } from "../compile/executable.ts";
import type { OrderEvent, OrderSnapshot } from "../order.ts";
import { StepFailure } from "./failure.ts";

type Performers = OrderSnapshot["performers"];

/** @throws {StepFailure} `separation-violated` when a rule keeps this person from sending the event here */
export function checkSeparation(
  executable: Executable,
  performers: Performers,
  event: Pick<OrderEvent, "type" | "actor">,
  inState: (path: string) => boolean,
): void {
  const rule = violated(executable, performers, event, inState);
  if (rule === null) return;
  throw new StepFailure(
    "separation-violated",
    `Expected ${event.type} by somebody else: ${event.actor.sub} has sent ${doneBy(rule, performers, event.actor.sub).join(" and ")} to this order.`,
    { because: textOf(rule), pointer: rule.pointer },
  );
}

/** The rule that keeps this person from sending the event in the present state; null when none does. */
export function violated(
  executable: Executable,
  performers: Performers,
  event: Pick<OrderEvent, "type" | "actor">,
  inState: (path: string) => boolean,
): SeparationRule | null {
  return (
    executable.separation.find(
      (rule) =>
        rule.event === event.type &&
        (rule.in === null || inState(rule.in)) &&
        doneBy(rule, performers, event.actor.sub).length > 0,
    ) ?? null
  );
}

export function textOf(rule: SeparationRule): string {
  const where = rule.in === null ? "" : ` in ${rule.in}`;
  return `separation: ${rule.event}${where} not by who sent ${rule.notBy.join(" or ")}`;
}

function doneBy(rule: SeparationRule, performers: Performers, sub: string): readonly string[] {
  return rule.notBy.filter((event) => performers[event]?.includes(sub) === true);
}

/** The record of performers with this event in it, when a rule names the event. */
export function performersAfter(
  executable: Executable,
  performers: Performers,
  { type, actor }: OrderEvent,
): Performers {
  if (!executable.separation.some((rule) => rule.notBy.includes(type))) return performers;
  const before = performers[type] ?? [];
  return before.includes(actor.sub)
    ? performers
    : { ...performers, [type]: [...before, actor.sub] };
}
