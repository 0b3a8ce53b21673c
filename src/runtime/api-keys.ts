/** API keys as admins see them: made for what their maker reaches and no more, rotated with an overlap, revoked for good. */

import { formatInstant } from "../../machines/time/instant.ts";
import type { ApiKeys as StoredKeys, StoredApiKey } from "../store/contracts/api-keys.ts";
import { apiKeyText, newSecret, secretHash, subjectOf } from "./api-key-text.ts";
import { ofNoCentre, reachesNothing, scopeOf } from "./caller.ts";
import type { ApiKey, ApiKeys } from "./contracts/api-keys.ts";
import type { Caller } from "./engine.ts";
import { uuidv7 } from "./ids.ts";
import type { Ports } from "./ports.ts";
import { refused, type Refused } from "./refusal.ts";

export function createApiKeys(stored: StoredKeys, ports: Pick<Ports, "clock" | "random">): ApiKeys {
  return {
    create: async (caller, { name, roles, centres, expiresInSeconds }) => {
      if (reachesNothing(caller)) return ofNoCentre("an API key");
      const wanted = centres === undefined ? caller.centres : centres;
      if (!reachesAll(caller, wanted)) return beyond(caller);
      const secret = newSecret(ports.random);
      const created = await stored.create({
        ...{ id: uuidv7(ports), name, roles, centres: wanted, createdBy: caller.sub },
        secretHash: secretHash(secret),
        expiresInMs: expiresInSeconds === undefined ? null : expiresInSeconds * 1000,
      });
      return { kind: "ok", apiKey: answer(created), key: apiKeyText(created.id, secret) };
    },
    list: async (caller, page) => {
      const { items, nextCursor } = await stored.list(page, scopeOf(caller));
      return { kind: "ok", items: items.map(answer), nextCursor };
    },
    get: async (caller, id) => {
      const found = await stored.get(id, scopeOf(caller));
      return found === null ? unknown(id) : { kind: "ok", apiKey: answer(found) };
    },
    rotate: async (caller, id, overlapSeconds) => {
      const secret = newSecret(ports.random);
      const change = { secretHash: secretHash(secret), overlapMs: overlapSeconds * 1000 };
      const rotated = await stored.rotate(id, change, scopeOf(caller));
      if (rotated === null) return unknown(id);
      return { kind: "ok", apiKey: answer(rotated), key: apiKeyText(id, secret) };
    },
    revoke: async (caller, id) =>
      (await stored.revoke(id, caller.sub, scopeOf(caller))) ? { kind: "ok" } : unknown(id),
  };
}

function reachesAll(caller: Caller, centres: readonly string[] | null): boolean {
  if (caller.centres === null) return true;
  return centres !== null && centres.every((centre) => caller.centres?.includes(centre));
}

function beyond({ centres }: Caller): Refused {
  return refused(
    "centre-not-allowed",
    `Expected centres that you reach yourself (${centres?.join(", ")}), found others: a key reaches no further than its maker.`,
  );
}

function unknown(id: string): Refused {
  return refused("not-found", `Expected an API key, found none with the id "${id}".`);
}

function answer(stored: StoredApiKey): ApiKey {
  const { id, name, roles, centres, createdBy, createdAt, expiresAt } = stored;
  return {
    ...{ id, name, sub: subjectOf(id), roles, centres: centres ?? "*", createdBy },
    createdAt: formatInstant(createdAt),
    expiresAt: instantOrNull(expiresAt),
    rotatedAt: instantOrNull(stored.rotatedAt),
    previousSecretUntil: instantOrNull(stored.previousUntil),
    lastUsedAt: instantOrNull(stored.lastUsedAt),
  };
}

function instantOrNull(at: number | null): string | null {
  return at === null ? null : formatInstant(at);
}
