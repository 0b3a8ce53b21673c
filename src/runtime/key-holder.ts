/** Says who holds an API key, by the database at most two seconds ago: so soon a revocation takes effect on every server. */

import { createHash } from "node:crypto";
import { createLru } from "../audit/lru.ts";
import type { ApiKeys } from "../store/contracts/api-keys.ts";
import { apiKeyIn, isOneOf, secretHash, subjectOf } from "./api-key-text.ts";
import type { KeyHolder } from "./contracts/api-keys.ts";
import type { Caller } from "./engine.ts";
import type { Clock } from "./ports.ts";

/** The time within which a revoked, rotated-out or altered key is good no longer. */
export const KEY_MEMORY_MS = 2_000;
const REMEMBERED = 10_000;

interface Known {
  readonly caller: Caller;
  readonly readAt: number;
  readonly goodForMs: number;
}

/**
 * Only good keys are remembered, under a hash: what callers make up costs a look into the database, and no memory.
 * Of requests that come at once with one key, one looks.
 */
export function createKeyHolder(keys: Pick<ApiKeys, "use">, clock: Clock): KeyHolder {
  const remembered = createLru<string, Known>(REMEMBERED);
  const looking = new Map<string, Promise<Known | null>>();

  const lookUp = async (text: string, name: string): Promise<Known | null> => {
    const key = apiKeyIn(text);
    if (key === null) return null;
    const readAt = clock.now();
    const holder = await keys.use(key.id);
    if (holder === null || !isOneOf(secretHash(key.secret), holder.hashes)) return null;
    const { roles, centres, endsInMs } = holder;
    const caller = { sub: subjectOf(key.id), roles, centres };
    const goodForMs = Math.min(KEY_MEMORY_MS, endsInMs ?? Infinity);
    const known = { caller, readAt, goodForMs };
    remembered.set(name, known);
    return known;
  };

  return async (text) => {
    const name = createHash("sha256").update(text).digest("base64");
    const known = remembered.get(name);
    if (known !== null && isFresh(known, clock.now())) return known.caller;
    const look = looking.get(name) ?? lookUp(text, name);
    looking.set(name, look);
    try {
      return (await look)?.caller ?? null;
    } finally {
      looking.delete(name);
    }
  };
}

/** A clock that was set back makes nothing fresher than it was. */
function isFresh({ readAt, goodForMs }: Known, now: number): boolean {
  return now >= readAt && now < readAt + goodForMs;
}
