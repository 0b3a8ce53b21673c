/** Repeats one round of work until it is told to stop; a round that fails is logged and the next one comes all the same. */

import type { Clock, Log } from "./ports.ts";

export interface Loop {
  readonly start: () => void;
  /** Ends the pause, or skips the one to come. */
  readonly wake: () => void;
  /** Resolves when the round under way has ended. */
  readonly stop: () => Promise<void>;
}

/** Longest pause, and the pause after a failure. */
export const MAX_PAUSE_MS = 1_000;
/** Given, because without a reason an abort makes an error with its stack, and every committed write wakes. */
const WOKEN = "woken";

/** @param round gives the milliseconds to pause before the next one */
export function createLoop(
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  name: string,
  round: (signal: AbortSignal) => Promise<number>,
): Loop {
  const stopping = new AbortController();
  let pause = new AbortController();
  let running: Promise<void> | null = null;

  const once = async (): Promise<number> => {
    try {
      return await round(stopping.signal);
    } catch (err) {
      log.error({ err, loop: name }, "a round of work failed; the next one follows");
      return MAX_PAUSE_MS;
    }
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      // Made before the round: whoever wakes during it is not overheard.
      pause = new AbortController();
      const pauseMs = Math.min(await once(), MAX_PAUSE_MS);
      const { signal } = pause;
      if (pauseMs > 0 && !signal.aborted && !stopping.signal.aborted) {
        await clock.sleep(pauseMs, signal);
      }
    }
  };

  return {
    start: () => {
      running ??= run();
    },
    wake: () => {
      if (!pause.signal.aborted) pause.abort(WOKEN);
    },
    stop: async () => {
      stopping.abort();
      pause.abort();
      await running;
    },
  };
}
