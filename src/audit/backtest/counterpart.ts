/** Which timer or job of an order under another definition stands for one that history tells of. */

import type { Job, Timer } from "../../../machines/order.ts";

/** The same wait: of the same item, in the same state, as long as the definition's text says the same. */
export function isSameWait(one: Timer, other: Timer): boolean {
  return one.item === other.item && one.state === other.state && one.after === other.after;
}

export function timerLike(pending: readonly Timer[], told: Timer): Timer | null {
  return pending.find((timer) => isSameWait(timer, told)) ?? null;
}

/** An open job of that type and item; of several the one that the same state invoked. */
export function jobLike(open: readonly Job[], told: Job): Job | null {
  const alike = open.filter(({ type, item }) => type === told.type && item === told.item);
  const same = alike.find(({ state, invoke }) => state === told.state && invoke === told.invoke);
  return same ?? alike[0] ?? null;
}
