/** Seals personal values as the server does, with salts that follow from a seed, and opens them again. */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import canonicalize from "canonicalize";

import { segmentsOf } from "../../machines/document/pointer.ts";
import { isJsonObject, type Json, type JsonObject } from "../../machines/json.ts";

export interface Vault {
  /** `value` with a commitment in place of each value that `pointers` name. */
  readonly seal: (value: JsonObject, pointers: readonly string[]) => JsonObject;
  /** `value` with every commitment of this vault replaced by what it stands for, inside longer texts too. */
  readonly open: (value: Json) => Json;
}

const TOKEN = /sealed:[0-9a-f]{64}/g;

/** @param seed the same seed and the same calls give the same commitments */
export function createVault(seed: string): Vault {
  const values = new Map<string, Json>();

  const token = (value: Json): string => {
    const salt = sha256(utf8ToBytes(`${seed}\n${values.size}`));
    const text = canonicalize(value);
    if (text === undefined) throw new TypeError("a personal value is a JSON value");
    const sealed = `sealed:${bytesToHex(sha256(concatBytes(salt, utf8ToBytes(text))))}`;
    values.set(sealed, value);
    return sealed;
  };

  const open = (value: Json): Json => {
    if (typeof value === "string") return opened(value, values);
    if (Array.isArray(value)) return value.map(open);
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, open(inner)]));
  };

  return {
    seal: (value, pointers) =>
      pointers.reduce<JsonObject>((sealed, pointer) => {
        const replaced = replaceAt(sealed, segmentsOf(pointer), token);
        return isJsonObject(replaced) ? replaced : sealed;
      }, value),
    open,
  };
}

/** Text that is one commitment becomes its value, of whatever type; within longer text, its words. */
function opened(text: string, values: ReadonlyMap<string, Json>): Json {
  const whole = values.get(text);
  if (whole !== undefined) return whole;
  return text.replace(TOKEN, (sealed) => {
    const value = values.get(sealed);
    if (value === undefined) return sealed;
    return typeof value === "string" ? value : JSON.stringify(value);
  });
}

function replaceAt(value: Json, segments: readonly string[], seal: (inner: Json) => string): Json {
  const [key, ...rest] = segments;
  if (key === undefined) return seal(value);
  if (Array.isArray(value)) {
    return value.map((element: Json, index) =>
      String(index) === key ? replaceAt(element, rest, seal) : element,
    );
  }
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      name === key ? replaceAt(member, rest, seal) : member,
    ]),
  );
}
