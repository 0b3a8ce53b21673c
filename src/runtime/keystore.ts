/**
 * Where persons' keys are kept: outside the database, so that a key once destroyed leaves what it sealed unreadable in
 * every table, archive and copy of the database.
 */

/** Bytes of a key: AES-256. */
export const KEY_BYTES = 32;

/** Keys by tag. A tag that is not in it has none: it was never made, or it was destroyed. */
export type Keys = ReadonlyMap<string, Uint8Array>;

/**
 * Every method but `tagOf` and `close` throws `StoreUnavailable` while the keystore can't be reached; trying again may
 * then help. Any number of servers share one keystore.
 */
export interface Keystore {
  /** Where it is, in words for a reader; never a password. */
  readonly place: string;
  /**
   * What names a person in the database: HMAC-SHA-256 of the subject, in hex, under a secret that the keystore keeps. It
   * is the same for ever and on every server, and says nothing about the subject to who holds the database alone.
   * @throws before `prepare` was awaited
   */
  readonly tagOf: (subject: string) => string;
  /** Makes what a first use needs; any number of times, by any number of servers at once. @returns the keystore's own id */
  readonly prepare: () => Promise<string>;
  /**
   * The keys of these tags; what is missing is made. When it resolves, all of them are on the disk, and whoever asks
   * anywhere gets the same. A tag whose key was destroyed gets a new key, which opens nothing of what the old one sealed.
   */
  readonly ensure: (tags: readonly string[]) => Promise<Keys>;
  /** The keys that are there now; none is made. */
  readonly read: (tags: readonly string[]) => Promise<Keys>;
  /** When it resolves, the keys can be read by nobody, also after a power cut. @returns how many there were */
  readonly destroy: (tags: readonly string[]) => Promise<number>;
  /**
   * Another number than before once a `destroy` anywhere has resolved: as long as it is the same, every key that was read
   * meanwhile is still there.
   */
  readonly destructions: () => Promise<number>;
  readonly close: () => Promise<void>;
}

/** Names the subject of an order that was created without one: the order itself. */
export function ownTag(orderId: string): string {
  return `order:${orderId}`;
}
