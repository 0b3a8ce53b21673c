/** Looks for something until it is there: again at every ring, for as long as the asker has time. */

import { StoreUnavailable } from "../store/errors.ts";
import type { Ringer } from "./bell.ts";
import type { Clock } from "./ports.ts";

export interface Patience {
  readonly clock: Clock;
  readonly wait: Ringer["wait"];
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

/** How often a database that is away is asked whether it is back. */
const AWAY_PAUSE_MS = 1_000;

/** @returns null when the time was over or the signal aborted before anything was found @throws what else `look` throws */
export async function lookFor<T extends object>(
  look: () => Promise<T | null>,
  { clock, wait, waitMs, signal }: Patience,
): Promise<T | null> {
  const first = await glance(look);
  if (first.kind === "found" || signal.aborted) return first.found;
  // One timer for all waits: rings for others must not put off the end.
  const over = new AbortController();
  const end = (): void => over.abort();
  signal.addEventListener("abort", end, { once: true });
  void clock.sleep(waitMs, over.signal).then(end);
  try {
    for (let last: Glance<T> = first; ; last = await glance(look)) {
      if (last.kind === "found" || over.signal.aborted) return last.found;
      await wait(last.kind === "away" ? AWAY_PAUSE_MS : waitMs, over.signal);
    }
  } finally {
    over.abort();
    signal.removeEventListener("abort", end);
  }
}

type Glance<T extends object> =
  | { readonly kind: "found"; readonly found: T }
  | { readonly kind: "nothing" | "away"; readonly found: null };

async function glance<T extends object>(look: () => Promise<T | null>): Promise<Glance<T>> {
  try {
    const found = await look();
    return found === null ? { kind: "nothing", found } : { kind: "found", found };
  } catch (error) {
    if (error instanceof StoreUnavailable) return { kind: "away", found: null };
    throw error;
  }
}
