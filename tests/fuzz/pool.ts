/** What earlier answers named, so that later requests reach the states behind it. */

import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../../machines/json.ts";

export interface Pool {
  readonly learn: (path: string, answer: Json) => void;
  /** A value for a place of that name, under that address. */
  readonly pick: (name: string, path: string, choice: number) => string;
  /** An order as it was answered last. */
  readonly order: (id: string) => JsonObject | null;
}

/** Members whose values other requests may name. */
const NAMES = new Set([
  ...["id", "order", "process", "version", "businessKey", "centre", "testClock", "nextCursor"],
  ...["leaseToken", "worker", "assignee", "type", "event", "job", "task", "delivery", "digest"],
]);
/** Members that are called otherwise where they are asked for. */
const SAME: { readonly [name: string]: string } = {
  ...{ name: "event", types: "type", cursor: "nextCursor" },
};
const MOST = 64;

export function createPool(): Pool {
  const byName = new Map<string, string[]>();
  const orders = new Map<string, JsonObject>();
  const add = (name: string, value: string): void => {
    const known = byName.get(name) ?? [];
    if (known.includes(value)) return;
    byName.set(name, [...known, value].slice(-MOST));
  };
  const walk = (value: Json, collection: string): void => {
    if (isJsonArray(value)) for (const each of value) walk(each, collection);
    if (!isJsonObject(value)) return;
    if (typeof value["id"] === "string" && isJsonArray(value["enabled"] ?? null)) {
      if ("revision" in value) orders.set(value["id"], value);
    }
    for (const [name, member] of Object.entries(value)) {
      if (typeof member === "string" && NAMES.has(name)) {
        add(name, member);
        if (name === "id") add(collection, member);
      }
      walk(member, name === "items" ? collection : name);
    }
  };
  return {
    learn: (path, answer) => walk(answer, collectionOf(path)),
    pick: (name, path, choice) => {
      const values =
        byName.get(name === "id" ? collectionOf(path) : (SAME[name] ?? name)) ??
        byName.get("id") ??
        [];
      return values[choice % values.length] ?? "01980c3e-6c1a-7000-8000-00000000dead";
    },
    order: (id) => orders.get(id) ?? null,
  };
}

/** The collection that an address is in: `jobs` of `/v1/jobs/{id}/complete`, `deliveries` of `…/deliveries`. */
function collectionOf(path: string): string {
  const segments = path.split("/").filter((segment) => segment !== "" && segment !== "v1");
  const last = segments.at(-1) ?? "";
  return last === "deliveries" ? last : (segments[0] ?? "");
}
