/** Does the same for many things without holding up everybody else: after a few of them all others have their turn. */

import { setImmediate } from "node:timers/promises";

/** Things whose work goes on without a pause: a few milliseconds for what a page of a list takes. */
const AT_ONCE = 25;

/** @returns the results in the order of the items @throws what the work throws, beginning no more of it */
export async function inTurns<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Result | Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (let from = 0; from < items.length; from += AT_ONCE) {
    if (from > 0) await othersTurn();
    results.push(...(await Promise.all(items.slice(from, from + AT_ONCE).map(work))));
  }
  return results;
}

/** What waited for the event loop comes first. It takes no time of any clock, so it is no port. */
export async function othersTurn(): Promise<void> {
  await setImmediate();
}
