/** Tells the compiler what is true of parsed requests: a member that is not given is absent, never `undefined`. */

export type Exact<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** @throws when a member is `undefined`, which neither JSON nor a query can say */
export function exact<T extends object>(value: T): T & Exact<T> {
  assertExact(value);
  return value;
}

function assertExact<T extends object>(value: T): asserts value is T & Exact<T> {
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) throw new TypeError(`${key} is there, and undefined`);
  }
}
