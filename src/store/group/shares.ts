/** Room that is shared: nobody takes more than a fair part of its second half, so that there is some for who comes next. */

export interface Shares {
  /** False: there is no room, for nobody or for this one, who has its share of what is half taken. */
  readonly hasRoom: (owner: string) => boolean;
  /** @param count less than 0: gives back */
  readonly take: (owner: string, count: number) => void;
}

export function createShares(capacity: number): Shares {
  const taken = new Map<string, number>();
  let all = 0;

  return {
    hasRoom: (owner) => {
      if (all >= capacity) return false;
      const mine = taken.get(owner) ?? 0;
      return all < capacity / 2 || mine < capacity / 2 / taken.size;
    },
    take: (owner, count) => {
      all += count;
      const mine = (taken.get(owner) ?? 0) + count;
      if (mine > 0) taken.set(owner, mine);
      else taken.delete(owner);
    },
  };
}
