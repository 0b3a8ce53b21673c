/** Numbers that look random and are the same again under the same seed (mulberry32). */

export interface Dice {
  /** From 0 to below `sides`. */
  readonly roll: (sides: number) => number;
  /** @throws {RangeError} when there is none */
  readonly pick: <Item>(items: readonly Item[]) => Item;
  readonly bytes: (size: number) => Uint8Array;
}

export function createDice(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const roll = (sides: number): number => next() % sides;
  return {
    roll,
    pick: (items) => {
      const item = items[roll(Math.max(items.length, 1))];
      if (item === undefined) throw new RangeError("expected something to pick from");
      return item;
    },
    bytes: (size) => Uint8Array.from({ length: size }, () => roll(256)),
  };
}
