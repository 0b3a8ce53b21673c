/** Remembers persons' keys for at most two seconds: so soon a destroyed key is out of use on every server. */

import { createLru } from "../audit/lru.ts";
import type { Keys, Keystore } from "./keystore.ts";
import type { Clock } from "./ports.ts";

/** The time within which a key that another server destroyed is used no longer. */
export const KEYRING_MEMORY_MS = 2_000;
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

/**
 * Thrown by a decision that can't wait for a key: whoever runs it awaits `ensure` and decides again, with what `ensure`
 * gave in hand, because a slow machine may have forgotten it by then.
 */
export class KeyNeeded extends Error {
  override readonly name = "KeyNeeded";
  readonly tag: string;
  constructor(tag: string) {
    super("A key is needed that is not at hand.");
    this.tag = tag;
  }
}

interface Remembered {
  readonly key: Uint8Array;
  /** When it was asked for: it may have been destroyed from then on. */
  readonly askedAt: number;
}

export function createKeyring(keystore: Keystore, clock: Pick<Clock, "now">): Keyring {
  let remembered = createLru<string, Remembered>(REMEMBERED);

  const peek = (tag: string): Uint8Array | null => {
    const known = remembered.get(tag);
    return known !== null && isFresh(known, clock.now()) ? known.key : null;
  };
  const asking =
    (ask: (tags: readonly string[]) => Promise<Keys>) =>
    async (tags: readonly string[]): Promise<Keys> => {
      const keys = new Map<string, Uint8Array>();
      const others: string[] = [];
      for (const tag of new Set(tags)) {
        const key = peek(tag);
        if (key === null) others.push(tag);
        else keys.set(tag, key);
      }
      if (others.length === 0) return keys;
      const [memory, askedAt] = [remembered, clock.now()];
      for (const [tag, key] of await ask(others)) {
        keys.set(tag, key);
        memory.set(tag, { key, askedAt });
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
function isFresh({ askedAt }: Remembered, now: number): boolean {
  return now >= askedAt && now < askedAt + KEYRING_MEMORY_MS;
}
