/** A bounded cache: when it is full, what was used longest ago makes room. */

export interface Lru<Key, Value> {
  readonly get: (key: Key) => Value | null;
  readonly set: (key: Key, value: Value) => void;
}

export function createLru<Key, Value extends {}>(capacity: number): Lru<Key, Value> {
  // A Map keeps the order of insertion: its first key is the one that was used longest ago.
  const kept = new Map<Key, Value>();

  const set = (key: Key, value: Value): void => {
    kept.delete(key);
    kept.set(key, value);
    if (kept.size <= capacity) return;
    for (const oldest of kept.keys()) {
      kept.delete(oldest);
      return;
    }
  };

  const get = (key: Key): Value | null => {
    const value = kept.get(key);
    if (value === undefined) return null;
    set(key, value);
    return value;
  };

  return { get, set };
}
