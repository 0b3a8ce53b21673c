/** Answers of feed entries, made once for all streams whose callers may see the same; they are forgotten within seconds. */

import type { FeedEntry } from "../store/contracts/feed.ts";
import type { Store } from "../store/store.ts";
import type { Library } from "./definitions.ts";
import type { Caller } from "./engine.ts";
import { entryAnswer } from "./entry-answer.ts";
import type { Clock } from "./ports.ts";
import type { StreamItem } from "./streams.ts";

export interface SharedAnswers {
  /** @throws {StoreUnavailable} */
  readonly item: (caller: Caller, entry: FeedEntry) => Promise<StreamItem>;
}

/** They hold persons' data in clear. */
const KEPT_MS = 1_000;

export function createSharedAnswers(ports: {
  readonly store: Store;
  readonly library: Library;
  readonly clock: Clock;
}): SharedAnswers {
  let fresh = new Map<string, Promise<StreamItem>>();
  let aging = new Map<string, Promise<StreamItem>>();
  let isForgetting = false;

  const forget = async (): Promise<void> => {
    while (fresh.size + aging.size > 0) {
      aging = fresh;
      fresh = new Map();
      await ports.clock.sleep(KEPT_MS, new AbortController().signal);
    }
    isForgetting = false;
  };

  return {
    item: (caller, entry) => {
      // Of a caller only the roles decide what an answer shows; that the entry is reached was decided before.
      const key = `${entry.position} ${JSON.stringify(caller.roles)}`;
      const known = fresh.get(key) ?? aging.get(key);
      if (known !== undefined) return known;
      const made = answer(ports, caller, entry);
      fresh.set(key, made);
      // What failed is tried again by whoever asks next.
      made.catch(() => fresh.delete(key));
      if (!isForgetting) {
        isForgetting = true;
        void forget();
      }
      return made;
    },
  };
}

async function answer(
  { store, library }: { readonly store: Store; readonly library: Library },
  caller: Caller,
  { position, orderId, process, entry: stored }: FeedEntry,
): Promise<StreamItem> {
  const entry = await entryAnswer({ store, library }, caller, orderId, stored);
  const { revision } = stored;
  return { place: position, order: orderId, process, revision, entry };
}
