/** How many attempts may be under way to each webhook: one more after each answer, half as many after each silence. */

export interface DeliveryRoom {
  readonly take: (webhookId: string) => void;
  /** @param answers whether the endpoint does, be it with an error @returns whether it is worth a look what else there is for it */
  readonly leave: (webhookId: string, answers: boolean) => boolean;
  readonly free: () => ReadonlyMap<string, number>;
  readonly full: () => readonly string[];
}

/**
 * Webhooks that are remembered as narrowed, the latest: there may be 500 at a time, and one that was removed is told of no
 * more. One that is forgotten has the whole room again until it fails once more.
 */
const MOST_NARROWED = 1_000;

/** @param each attempts under way at once, to one webhook whose endpoint answers */
export function createDeliveryRoom(each: number): DeliveryRoom {
  const busy = new Map<string, number>();
  /** Of those that failed lately; all others have the whole room. */
  const narrowed = new Map<string, number>();
  const freeFor = (id: string): number =>
    Math.max(0, (narrowed.get(id) ?? each) - (busy.get(id) ?? 0));
  const known = (): readonly string[] => [...new Set([...busy.keys(), ...narrowed.keys()])];
  return {
    take: (id) => busy.set(id, (busy.get(id) ?? 0) + 1),
    leave: (id, answers) => {
      const left = (busy.get(id) ?? 1) - 1;
      if (left === 0) busy.delete(id);
      else busy.set(id, left);
      const size = narrowed.get(id) ?? each;
      const next = answers ? size + 1 : Math.max(1, Math.floor(size / 2));
      narrowed.delete(id);
      if (next < each) narrowed.set(id, next);
      for (const oldest of narrowed.keys()) {
        if (narrowed.size <= MOST_NARROWED) break;
        narrowed.delete(oldest);
      }
      // Several at a time: a look costs as much for one as for all.
      return freeFor(id) * 2 >= next;
    },
    free: () => new Map(known().map((id) => [id, freeFor(id)])),
    full: () => known().filter((id) => freeFor(id) === 0),
  };
}
