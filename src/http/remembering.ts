/** Remembers who a verified token stands for, because a caller sends the same one with every request; ends are kept. */

import type { Caller } from "../runtime/engine.ts";
import type { TokenReader, TokenReading } from "./token.ts";

/** A token that was verified from the ground up, good until then (epoch milliseconds). */
export type Verified =
  | { readonly kind: "known"; readonly caller: Caller; readonly goodUntil: number }
  | Exclude<TokenReading, { readonly kind: "known" }>;

const REMEMBERED = 10_000;

/**
 * Refusals are not remembered. Memory is bounded, whatever callers send: a token of theirs is kept only once verified.
 *
 * @param nowMs the clock that decides when a token ends
 */
export function remembering(
  verify: (token: string) => Promise<Verified>,
  nowMs: () => number,
): TokenReader {
  const known = new Map<string, Verified & { readonly kind: "known" }>();
  const learn = async (token: string): Promise<TokenReading> => {
    const verified = await verify(token);
    if (verified.kind !== "known") return verified;
    if (known.size >= REMEMBERED) known.clear();
    known.set(token, verified);
    return { kind: "known", caller: verified.caller };
  };
  return (token) => {
    const remembered = known.get(token);
    if (remembered !== undefined && remembered.goodUntil > nowMs()) {
      return { kind: "known", caller: remembered.caller };
    }
    known.delete(token);
    return learn(token);
  };
}
