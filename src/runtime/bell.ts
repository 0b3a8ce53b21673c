/** Waits for news of some topics without missing any: what rings between two waits ends the next one at once. */

import type { Bus, Topic } from "./bus.ts";
import type { Clock } from "./ports.ts";

export interface Bell {
  /** Resolves at the first ring since the last wait, after that time, or when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Must be called in the end: until then it stays subscribed. */
  readonly close: () => void;
}

/**
 * Make it before you look for the first time, so that nothing comes between: `look, wait, look, wait, …`.
 * A wake can be lost on its way from another server: wait no longer than that may cost, a second as a rule.
 */
export function createBell(
  { bus, clock }: { readonly bus: Pick<Bus, "subscribe">; readonly clock: Clock },
  topics: readonly Topic[],
): Bell {
  let rung = new AbortController();
  const ring = (): void => rung.abort();
  const subscriptions = topics.map((topic) => bus.subscribe(topic, ring));
  return {
    wait: async (ms, signal) => {
      const over = AbortSignal.any([rung.signal, signal]);
      if (!over.aborted) await clock.sleep(ms, over);
      if (rung.signal.aborted) rung = new AbortController();
    },
    close: () => {
      for (const unsubscribe of subscriptions) unsubscribe();
    },
  };
}
