/** Runs work, few at once: the rest waits here, where it takes turns, and not where it would run out of time. */

import { createFairQueue } from "./fair-queue.ts";

/** @returns begins the work when its turn has come; it never rejects */
export function fewAtOnce(most: number): (owner: string, work: () => Promise<void>) => void {
  const waiting = createFairQueue<() => Promise<void>>();
  let running = 0;

  const begin = async (): Promise<void> => {
    if (running >= most) return;
    const work = waiting.take();
    if (work === null) return;
    running += 1;
    await work();
    running -= 1;
    void begin();
  };

  return (owner, work) => {
    waiting.add(owner, work);
    void begin();
  };
}
