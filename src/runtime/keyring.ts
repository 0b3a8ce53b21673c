/**
 * Remembers persons' keys for two seconds, and longer for as long as the keystore says that none was destroyed: two
 * seconds after one is, it is out of use on every server.
 */

import { createLru } from "../audit/lru.ts";
import type { Keys, Keystore } from "./keystore.ts";
import type { Clock } from "./ports.ts";

/** The time within which a key that another server destroyed is used no longer. */
export const KEYRING_MEMORY_MS = 2_000;
/** A server that ends in the middle of a destruction may leave it untold: so long a key is remembered at most. */
const LONGEST_MS = 60_000;
/** How often a keyring that is used asks whether any key was destroyed. */
const ASK_EVERY_MS = 500;
const REMEMBERED = 20_000;

export interface Keyring {
  readonly tagOf: Keystore["tagOf"];
  /** The key if it is remembered, without a wait; null says nothing about whether there is one. */
  readonly peek: (tag: string) => Uint8Array | null;
  /** As the keystore's; what it gives is remembered. */
  readonly ensure: (tags: readonly string[]) => Promise<Keys>;
  /** As the keystore's; what is remembered is not asked for again. */
  readonly read: (tags: readonly string[]) => Promise<Keys>;
  /** Destroys the keys and forgets them; what was asked for before it ended is not remembered either. */
  readonly destroy: (tags: readonly string[]) => Promise<number>;
}

interface Remembered {
  readonly key: Uint8Array;
  /** When it was asked for: it may have been destroyed from then on. */
  readonly askedAt: number;
}

/** That no key was destroyed between these two instants. */
interface Calm {
  readonly count: number;
  /** When the keystore first gave this count. */
  readonly from: number;
  /** When it was last asked and gave it. */
  readonly until: number;
}

const STORM: Calm = { count: Number.NaN, from: Infinity, until: -Infinity };

export function createKeyring(keystore: Keystore, clock: Pick<Clock, "now">): Keyring {
  let remembered = createLru<string, Remembered>(REMEMBERED);

  let calm = STORM;
  let askedAt = -Infinity;

  const ask = async (now: number): Promise<void> => {
    askedAt = now;
    try {
      const count = await keystore.destructions();
      calm = { count, from: count === calm.count ? calm.from : clock.now(), until: now };
    } catch {
      // What is not known to be there any more is forgotten in time.
    }
  };
  const peek = (tag: string): Uint8Array | null => {
    const known = remembered.get(tag);
    const now = clock.now();
    if (now >= askedAt + ASK_EVERY_MS || now < askedAt) void ask(now);
    return known !== null && isFresh(known, calm, now) ? known.key : null;
  };
  const asking =
    (find: (tags: readonly string[]) => Promise<Keys>) =>
    async (tags: readonly string[]): Promise<Keys> => {
      const keys = new Map<string, Uint8Array>();
      const others: string[] = [];
      for (const tag of new Set(tags)) {
        const key = peek(tag);
        if (key === null) others.push(tag);
        else keys.set(tag, key);
      }
      if (others.length === 0) return keys;
      const [memory, from] = [remembered, clock.now()];
      for (const [tag, key] of await find(others)) {
        keys.set(tag, key);
        memory.set(tag, { key, askedAt: from });
      }
      return keys;
    };
  const forget = (): void => {
    // Those who wait for an answer write into the memory that was there when they asked: it is read no more.
    remembered = createLru<string, Remembered>(REMEMBERED);
  };

  return {
    tagOf: keystore.tagOf,
    peek,
    ensure: asking(keystore.ensure),
    read: asking(keystore.read),
    destroy: async (tags) => {
      try {
        return await keystore.destroy(tags);
      } finally {
        forget();
      }
    },
  };
}

/** A clock that was set back makes nothing fresher than it was. */
function isFresh({ askedAt }: Remembered, calm: Calm, now: number): boolean {
  if (now < askedAt || now >= askedAt + LONGEST_MS) return false;
  const lastKnown = askedAt > calm.from ? Math.max(askedAt, calm.until) : askedAt;
  return now >= lastKnown && now < lastKnown + KEYRING_MEMORY_MS;
}
