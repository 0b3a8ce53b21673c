/** The embedded database clears away what it no longer needs, a table at a time; a server of its own does so by itself. */

import type { Store } from "../store/store.ts";
import type { Clock } from "./ports.ts";

const LOOK_EVERY_MS = 2_000;

/** @returns a round of a loop; rounds between two looks do nothing */
export function createTidying({ tidy }: Pick<Store, "tidy">, clock: Clock): () => Promise<number> {
  let nextAt = clock.now() + LOOK_EVERY_MS;
  return async () => {
    const leftMs = nextAt - clock.now();
    if (leftMs > 0 && leftMs <= LOOK_EVERY_MS) return leftMs;
    await tidy();
    nextAt = clock.now() + LOOK_EVERY_MS;
    return LOOK_EVERY_MS;
  };
}
