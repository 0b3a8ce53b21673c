/** Works many things off at once and waits for none of them: one that is slow takes one place, and holds up no other. */

export interface Window<Item> {
  /**
   * Takes a page of what there is to do, but for what waits already or is under way, and for what ended after the page was
   * asked for: the page can't know. One at a time. @returns how many are new @throws what `page` throws
   */
  readonly fill: (page: () => Promise<readonly Item[]>) => Promise<number>;
  /** How many wait for a place. */
  readonly waiting: () => number;
  readonly underWay: () => number;
  /** Forgets what waits for a place. */
  readonly drop: () => void;
  /** Begins nothing more. Resolves when all that is under way has ended. */
  readonly stop: () => Promise<void>;
}

export interface WindowOptions<Item> {
  /** How many are under way at most. */
  readonly width: number;
  /** Two things of one key are never under way at once. */
  readonly keyOf: (item: Item) => string;
  /** Must not reject. */
  readonly work: (item: Item) => Promise<void>;
  /** One has ended; what waits for a place has got it. */
  readonly onEnd: () => void;
}

export function createWindow<Item>(options: WindowOptions<Item>): Window<Item> {
  const { width, keyOf, work, onEnd } = options;
  const known = new Set<string>();
  /** What ended while a page is under way stays known. */
  let ended: string[] = [];
  let isFilling = false;
  const underWay = new Set<Promise<void>>();
  let waiting: Item[] = [];
  /** Of `waiting`, those that have begun: a shift per item would move all others. */
  let begun = 0;
  let isStopped = false;

  const begin = (): void => {
    while (!isStopped && underWay.size < width) {
      const item = waiting[begun];
      if (item === undefined) return;
      begun += 1;
      const running = work(item).then(() => {
        underWay.delete(running);
        if (isFilling) ended.push(keyOf(item));
        else known.delete(keyOf(item));
        begin();
        onEnd();
      });
      underWay.add(running);
    }
  };

  return {
    fill: async (page) => {
      isFilling = true;
      const fresh: Item[] = [];
      try {
        for (const item of await page()) {
          const key = keyOf(item);
          if (known.has(key)) continue;
          known.add(key);
          fresh.push(item);
        }
      } finally {
        isFilling = false;
        for (const key of ended) known.delete(key);
        ended = [];
      }
      waiting = [...waiting.slice(begun), ...fresh];
      begun = 0;
      begin();
      return fresh.length;
    },
    waiting: () => waiting.length - begun,
    underWay: () => underWay.size,
    drop: () => {
      for (const item of waiting.slice(begun)) known.delete(keyOf(item));
      waiting = [];
      begun = 0;
    },
    stop: async () => {
      isStopped = true;
      await Promise.all(underWay);
    },
  };
}
