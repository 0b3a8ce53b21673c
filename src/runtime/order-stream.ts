/** One order's entries as they come: from the history where the reader is behind, else from the feed's tail. */

import type { StoredOrder } from "../store/store.ts";
import { createRinger } from "./bell.ts";
import { scopeOf } from "./caller.ts";
import type { StreamWorkshop } from "./create-streams.ts";
import type { Caller } from "./engine.ts";
import { lookFor } from "./look-for.ts";
import { PAGE, type EntryStream, type StreamItem, type StreamPage } from "./streams.ts";

export interface OrderFollowing {
  readonly caller: Caller;
  readonly order: StoredOrder;
  /** A revision. */
  readonly after: number;
}

export function orderStream(
  workshop: StreamWorkshop,
  { caller, order: { id, process, centre }, after }: OrderFollowing,
): EntryStream {
  const { store, tail, clock, item, sharedItem, hasEnded } = workshop;
  const { ring, wait } = createRinger(clock);
  let place = after;
  /** The history may hold what the tail does not. */
  let isBehind = true;
  /** The newest revision that the tail told of. */
  let newest = after;
  let isChecked = false;
  const unfollow = tail.follow((entry) => {
    if (entry !== null && entry.orderId !== id) return;
    if (entry === null) isBehind = true;
    else newest = Math.max(newest, entry.entry.revision);
    ring();
  });

  const fromTail = (): Promise<readonly StreamItem[]> =>
    Promise.all(tail.ofOrder(id, place, PAGE).map((entry) => sharedItem(caller, entry)));
  const fromHistory = async (): Promise<readonly StreamItem[]> => {
    // Before the look, so that the tail, should it begin during it, is not overheard.
    isBehind = false;
    let isAtEnd = false;
    try {
      const page = await store.orders.history(id, { after: place, ...PAGE }, scopeOf(caller));
      isAtEnd = page.length === 0;
      return await Promise.all(
        page.map((entry) => item(caller, { position: 0, orderId: id, process, centre, entry })),
      );
    } finally {
      if (!isAtEnd) isBehind = true;
    }
  };
  const look = async (): Promise<StreamPage | null> => {
    let items = await fromTail();
    if (items.length === 0 && (isBehind || newest > place)) items = await fromHistory();
    const last = items.at(-1);
    if (last !== undefined) {
      place = last.revision;
      isChecked = false;
      return { items: items.map(placedByRevision), place, isOver: false };
    }
    if (isChecked) return null;
    const isOver = await hasEnded(id, place);
    isChecked = true;
    return isOver ? { items, place, isOver } : null;
  };
  return {
    place: after,
    next: async (waitMs, signal) => {
      const page = await lookFor(look, { clock, wait, waitMs, signal });
      // After so long without news the next look is for what nobody told of, too.
      if (page === null) [isBehind, isChecked] = [true, false];
      return page ?? { items: [], place, isOver: false };
    },
    close: unfollow,
  };
}

function placedByRevision(item: StreamItem): StreamItem {
  return { ...item, place: item.revision };
}
