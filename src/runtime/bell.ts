/** Waits for news without missing any: what rings between two waits ends the next one at once. */

import type { Bus, Topic } from "./bus.ts";
import type { Clock } from "./ports.ts";

export interface Ringer {
  readonly ring: () => void;
  /** Resolves at the first ring since the last wait, after that time, or when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Begin to listen before you look for the first time, so that nothing comes between: `look, wait, look, wait, …`. */
export function createRinger(clock: Clock): Ringer {
  let hasRung = false;
  let wake = (): void => {};
  return {
    ring: () => {
      hasRung = true;
      wake();
    },
    wait: async (ms, signal) => {
      if (!hasRung && !signal.aborted) {
        const over = new AbortController();
        wake = () => over.abort();
        signal.addEventListener("abort", wake, { once: true });
        await clock.sleep(ms, over.signal);
        signal.removeEventListener("abort", wake);
      }
      hasRung = false;
    },
  };
}

export interface Bell extends Pick<Ringer, "wait"> {
  /** Must be called in the end: until then it stays subscribed. */
  readonly close: () => void;
}

/** A wake can be lost on its way from another server: wait no longer than that may cost, a second as a rule. */
export function createBell(
  { bus, clock }: { readonly bus: Pick<Bus, "subscribe">; readonly clock: Clock },
  topics: readonly Topic[],
): Bell {
  const { ring, wait } = createRinger(clock);
  const subscriptions = topics.map((topic) => bus.subscribe(topic, ring));
  return {
    wait,
    close: () => {
      for (const unsubscribe of subscriptions) unsubscribe();
    },
  };
}
