/** Seals personal values as the server does, with salts that follow from a seed, and opens them again. */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import canonicalize from "canonicalize";

import type { Json, JsonObject } from "../../machines/json.ts";
import { unseal, withTokens } from "../../machines/schema/tokens.ts";

export interface Vault {
  /** `value` with a commitment in place of each value that `pointers` name. */
  readonly seal: (value: JsonObject, pointers: readonly string[]) => JsonObject;
  /** `value` with every commitment of this vault replaced by what it stands for, inside longer texts too. */
  readonly open: (value: Json) => Json;
}

/** @param seed the same seed and the same calls give the same commitments */
export function createVault(seed: string): Vault {
  const values = new Map<string, Json>();
  const commitmentOf = (value: Json): string => {
    const salt = sha256(utf8ToBytes(`${seed}\n${values.size}`));
    const text = canonicalize(value);
    if (text === undefined) throw new TypeError("expected a JSON value");
    const commitment = bytesToHex(sha256(concatBytes(salt, utf8ToBytes(text))));
    values.set(commitment, value);
    return commitment;
  };
  return {
    seal: (value, pointers) => withTokens(value, pointers, commitmentOf),
    open: (value) => unseal(value, values),
  };
}
