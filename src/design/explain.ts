/** Adds to a refusal which guard refuses: a step says that an event is not enabled, the choices know why. */

import type { Executable } from "../../machines/compile/executable.ts";
import type { Text } from "../../machines/document/document.ts";
import type { Instant, Order, OrderEvent, Rejected } from "../../machines/order.ts";
import { choices } from "../../machines/step/choices.ts";

/** @param order as it was when the event was refused, and still is */
export function explained(
  executable: Executable,
  order: Order,
  event: OrderEvent,
  now: Instant,
  rejected: Rejected,
): Rejected {
  if (rejected.code !== "event-not-enabled" || rejected.because !== undefined) return rejected;
  const { enabled, blocked } = choices(executable, order, event.actor, now);
  const item = itemOf(executable, event);
  const same = (choice: { readonly event: string; readonly item?: string }): boolean =>
    choice.event === event.type && (item === null || choice.item === item);
  const refusal = blocked.find(same);
  if (refusal !== undefined) {
    const { because, pointer } = refusal;
    return { ...rejected, because, pointer, ...wordsOf(refusal) };
  }
  // Enabled, but for a guard that reads the payload: with this one it is false.
  const condition = enabled.find(same);
  if (condition?.when === undefined) return rejected;
  return { ...rejected, because: condition.when, ...wordsOf(condition) };
}

function wordsOf({ words }: { readonly words?: Text }): { readonly words?: Text } {
  return words === undefined ? {} : { words };
}

function itemOf(executable: Executable, { type, payload }: OrderEvent): string | null {
  const collection = executable.events.get(type)?.item ?? null;
  const key = collection === null ? undefined : executable.items.get(collection)?.key;
  const id = key === undefined ? undefined : payload[key];
  return typeof id === "string" ? id : null;
}
