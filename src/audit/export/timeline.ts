/** What an object's attributes were, and since when: only changes are kept. */

import type { TimedAttribute } from "./ocel.ts";

type Values = { readonly [name: string]: string | null };

export interface Timeline {
  /** From that instant on, which is never before the last one. Null: not told. */
  readonly set: (time: string, values: Values) => void;
  /** From the last instant on. */
  readonly setLast: (values: Values) => void;
  readonly attributes: () => readonly TimedAttribute[];
}

export function createTimeline(): Timeline {
  const attributes: TimedAttribute[] = [];
  const current = new Map<string, string | null>();
  let last = "";

  const set = (time: string, values: Values): void => {
    last = time;
    for (const [name, value] of Object.entries(values)) {
      if ((current.get(name) ?? null) === value) continue;
      current.set(name, value);
      attributes.push({ name, type: "string", value: value ?? "", time });
    }
  };
  return {
    set,
    setLast: (values) => set(last, values),
    attributes: () => attributes,
  };
}
