/** Words between the stores that share one embedded database, which is open in this process only. */

import type { Signals } from "./contracts/signals.ts";

export function localSignals(): Signals {
  const listeners = new Set<(word: string | null) => void>();
  return {
    send: async (words) => {
      for (const heard of listeners) for (const word of words) heard(word);
    },
    listen: (heard) => {
      // Two listeners may be the same function.
      const listener = (word: string | null): void => heard(word);
      listeners.add(listener);
      heard(null);
      return {
        stop: async () => {
          listeners.delete(listener);
        },
      };
    },
  };
}
