/** What waits, by whose it is: they take turns, so that nobody's flood is before everybody else's first. */

export interface FairQueue<Item> {
  readonly size: () => number;
  /** @returns false when there is no room: for nobody, or for this one, who has its share of a queue that is half full */
  readonly add: (owner: string, item: Item) => boolean;
  /** Also when there is no room. */
  readonly putBack: (owner: string, item: Item) => void;
  readonly take: () => Item | null;
}

export function createFairQueue<Item>(capacity: number): FairQueue<Item> {
  // A Map keeps the order of insertion: the first owner's turn is next.
  const waiting = new Map<string, Item[]>();
  let size = 0;

  const isFull = (owner: string): boolean => {
    if (size >= capacity) return true;
    const mine = waiting.get(owner)?.length ?? 0;
    return size >= capacity / 2 && mine >= capacity / 2 / waiting.size;
  };

  const put = (owner: string, item: Item): void => {
    const items = waiting.get(owner);
    if (items === undefined) waiting.set(owner, [item]);
    else items.push(item);
    size += 1;
  };

  return {
    size: () => size,
    add: (owner, item) => {
      if (isFull(owner)) return false;
      put(owner, item);
      return true;
    },
    putBack: put,
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
  };
}
