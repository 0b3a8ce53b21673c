/** A snapshot as the text that is stored and hashed, and as the value that is stepped on: each made once, from the other. */

import { hash } from "node:crypto";
import { isJsonObject } from "../../machines/json.ts";
import type { OrderSnapshot } from "../../machines/order.ts";
import { hashedTextAround, jsonTextAround } from "./kept-text.ts";

/** A class, so that two are equal when their texts are. */
export class Snapshot {
  readonly text: string;
  #value: OrderSnapshot | null;
  #hash: string | null;

  constructor(text: string, value: OrderSnapshot | null, textHash: string | null = null) {
    this.text = text;
    this.#value = value;
    this.#hash = textHash;
  }

  /** Shared by all who ask: nobody changes it. @throws {Error} when the text is no snapshot */
  value(): OrderSnapshot {
    return (this.#value ??= readSnapshot(this.text));
  }

  /** Lowercase hex of the SHA-256 of the text: what an entry's `state` holds. */
  hash(): string {
    return (this.#hash ??= hash("sha256", this.text));
  }

  /** Whether anybody has asked for the value. */
  isRead(): boolean {
    return this.#value !== null;
  }
}

export function snapshotOf(value: OrderSnapshot): Snapshot {
  const { text, hash: textHash } = hashedTextAround(inOrder(value));
  return new Snapshot(text, value, textHash);
}

/** Its text is our own, byte for byte, so only its outline is checked, when it is read; `verify` proves the rest. */
export function snapshotIn(text: string): Snapshot {
  return new Snapshot(text, null);
}

/** The text that is stored, and that an entry's `state` hashes: members in the order of `OrderSnapshot`. */
export function snapshotText(snapshot: OrderSnapshot): string {
  return jsonTextAround(inOrder(snapshot));
}

function inOrder(snapshot: OrderSnapshot) {
  const { value, status, history, outcome, data, items, timers, jobs, performers } = snapshot;
  return { value, status, history, outcome, data, items, timers, jobs, performers };
}

/** @throws {Error} when the text is no snapshot: the database was altered, or another release wrote it */
function readSnapshot(text: string): OrderSnapshot {
  const value: unknown = JSON.parse(text);
  if (!isSnapshot(value)) throw new Error(`Expected a snapshot, found ${text.slice(0, 40)}`);
  return value;
}

function isSnapshot(value: unknown): value is OrderSnapshot {
  return (
    isJsonObject(value) &&
    (typeof value["value"] === "string" || isJsonObject(value["value"])) &&
    (value["status"] === "active" || value["status"] === "done") &&
    [value["history"], value["data"], value["items"], value["performers"]].every(isJsonObject) &&
    Array.isArray(value["timers"]) &&
    Array.isArray(value["jobs"])
  );
}
