/** All entries that a caller reaches, as they come: from the feed where the reader is behind, else from its tail. */

import type { FeedEntry, FeedFilter } from "../store/contracts/feed.ts";
import { createRinger } from "./bell.ts";
import { reaches, scopeOf } from "./caller.ts";
import type { StreamWorkshop } from "./create-streams.ts";
import type { Caller } from "./engine.ts";
import { lookFor } from "./look-for.ts";
import { PAGE, type EntryStream, type StreamPage } from "./streams.ts";

export interface FeedFollowing {
  readonly caller: Caller;
  readonly filter: FeedFilter;
  /** A position. */
  readonly after: number;
}

/** Pages without anything for the caller that are passed over before the reader is told how far it is. */
const MAX_EMPTY_PAGES = 20;

export function feedStream(
  { store, tail, clock, item, sharedItem }: StreamWorkshop,
  { caller, filter, after }: FeedFollowing,
): EntryStream {
  const { ring, wait } = createRinger(clock);
  let place = after;
  const unfollow = tail.follow(ring);

  const nextPage = async (): Promise<StreamPage> => {
    const near = tail.since(place, PAGE);
    const page =
      near ?? (await store.feed.read({ after: place, ...PAGE }, scopeOf(caller), filter));
    const wanted = page.entries.filter((entry) => isFor(caller, filter, entry));
    const made = near === null ? item : sharedItem;
    const items = await Promise.all(wanted.map((entry) => made(caller, entry)));
    return { items, place: page.reached, isOver: false };
  };
  const look = async (): Promise<StreamPage | null> => {
    for (let pages = 1; ; pages += 1) {
      const page = await nextPage();
      const hasMoved = page.place > place;
      // Only now: after a failure above the same is asked for again.
      place = page.place;
      if (page.items.length > 0 || pages === MAX_EMPTY_PAGES) return page;
      if (!hasMoved) return null;
    }
  };
  return {
    place: after,
    next: async (waitMs, signal) =>
      (await lookFor(look, { clock, wait, waitMs, signal })) ?? { items: [], place, isOver: false },
    close: unfollow,
  };
}

/** The tail holds entries of all centres. */
function isFor(caller: Caller, filter: FeedFilter, { process, centre }: FeedEntry): boolean {
  return (
    reaches(caller, centre) &&
    (filter.process === undefined || filter.process === process) &&
    (filter.centre === undefined || filter.centre === centre)
  );
}
