/** Finds a name's places in a file in a constant time and with some twenty bytes a name: millions fit into memory. */

export interface PlaceIndex {
  readonly add: (name: string, place: number) => void;
  /** Places of this name and, rarely, of others that look like it: from the first to the last. */
  readonly places: (name: string) => readonly number[];
}

/** A power of two: a name's first slot is a part of its bits. */
const FIRST_SLOTS = 1_024;
/** Places are stored one higher: this is a slot that nothing was put in. */
const EMPTY = 0;

/** Names are 64 hex digits, spread evenly, as hashes are. */
export function createPlaceIndex(): PlaceIndex {
  let marks = new Uint32Array(FIRST_SLOTS);
  let stored = new Float64Array(FIRST_SLOTS);
  let size = 0;

  const put = (mark: number, value: number): void => {
    let slot = mark & (marks.length - 1);
    while (stored[slot] !== EMPTY) slot = (slot + 1) & (marks.length - 1);
    marks[slot] = mark;
    stored[slot] = value;
  };
  const grow = (): void => {
    const [oldMarks, oldStored] = [marks, stored];
    marks = new Uint32Array(oldMarks.length * 2);
    stored = new Float64Array(oldMarks.length * 2);
    for (const [slot, value] of oldStored.entries()) {
      if (value !== EMPTY) put(oldMarks[slot] ?? 0, value);
    }
  };

  return {
    add: (name, place) => {
      // Searches stay short while a third of the slots is free.
      if (size * 3 >= marks.length * 2) grow();
      put(markOf(name), place + 1);
      size++;
    },
    places: (name) => {
      const mark = markOf(name);
      const found: number[] = [];
      for (let slot = mark & (marks.length - 1); ; slot = (slot + 1) & (marks.length - 1)) {
        const value = stored[slot] ?? EMPTY;
        if (value === EMPTY) return found.toSorted((a, b) => a - b);
        if (marks[slot] === mark) found.push(value - 1);
      }
    },
  };
}

function markOf(name: string): number {
  return Number.parseInt(name.slice(0, 8), 16);
}
