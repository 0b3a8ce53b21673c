/** Lets a bounded number of pieces of work run at once; the others wait their turn in the order of their coming. */

export type Gate = <T>(work: () => Promise<T>) => Promise<T>;

export function createGate(places: number): Gate {
  const waiting: (() => void)[] = [];
  let free = places;
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      // A place goes from hand to hand: whoever comes meanwhile does not overtake.
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
