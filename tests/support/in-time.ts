/** Whether something ends in time, by a clock that suffers what it suffers: a busy machine holds up this process as a whole. */

import { setImmediate, setTimeout as sleep } from "node:timers/promises";

/**
 * Holds the work against a timer that starts with it, so it is for work whose own time-outs run in this process.
 * @returns false also when it ends in time by the wall clock, but after that timer
 */
export async function endsWithin(limitMs: number, work: () => Promise<unknown>): Promise<boolean> {
  let isOver = false;
  const timer = new AbortController();
  const over = sleep(limitMs, undefined, timer).then(async () => {
    // Closing a socket takes a turn or two more than a timer.
    for (let turn = 0; turn < 5; turn += 1) await setImmediate();
    isOver = true;
  });
  await work();
  const inTime = !isOver;
  timer.abort();
  await over.catch(() => {});
  return inTime;
}
