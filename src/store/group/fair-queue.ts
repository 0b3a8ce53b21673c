/** What waits, by whose it is: they take turns, so that nobody's flood is before everybody else's first. */

export interface FairQueue<Item> {
  readonly add: (owner: string, item: Item) => void;
  readonly take: () => Item | null;
  readonly size: () => number;
}

export function createFairQueue<Item>(): FairQueue<Item> {
  // A Map keeps the order of insertion: the first owner's turn is next.
  const waiting = new Map<string, Item[]>();
  let size = 0;

  return {
    add: (owner, item) => {
      size += 1;
      const items = waiting.get(owner);
      if (items === undefined) waiting.set(owner, [item]);
      else items.push(item);
    },
    take: () => {
      for (const [owner, items] of waiting) {
        const item = items.shift();
        waiting.delete(owner);
        if (items.length > 0) waiting.set(owner, items);
        if (item === undefined) continue;
        size -= 1;
        return item;
      }
      return null;
    },
    size: () => size,
  };
}
