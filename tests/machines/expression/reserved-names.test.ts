/** Names that a document must leave to its expressions. */

import { describe, expect, test } from "vitest";
import { checkReservedNames } from "../../../machines/expression/reserved-names.ts";
import type { JsonObject } from "../../../machines/json.ts";

function schema(names: readonly string[]): JsonObject {
  return { type: "object", properties: Object.fromEntries(names.map((name) => [name, {}])) };
}

function judged(fields: readonly string[], items: { [name: string]: readonly string[] } = {}) {
  return checkReservedNames({
    process: "p",
    version: "1.0.0",
    machine: {},
    data: schema(fields),
    items: Object.fromEntries(
      Object.entries(items).map(([name, own]) => [
        name,
        { key: "id", data: schema(own), machine: {} },
      ]),
    ),
  }).map(({ rule, pointer }) => `${rule} ${pointer}`);
}

describe("reserved names", () => {
  test("refuse data fields that mean something else in CEL", () => {
    expect(judged(["vehicle", "event", "size", "in", "constructor", "now"])).toEqual([
      "reserved-name /data/properties/event",
      "reserved-name /data/properties/size",
      "reserved-name /data/properties/in",
      "reserved-name /data/properties/constructor",
      "reserved-name /data/properties/now",
    ]);
  });

  test("refuse a collection that bears a data field's name, and item fields that every item has", () => {
    expect(judged(["parts"], { parts: ["state", "price"], order: [] })).toEqual([
      "reserved-name /items/parts",
      "reserved-name /items/parts/data/properties/state",
      "reserved-name /items/order",
    ]);
  });

  test("refuse names that CEL can't spell", () => {
    expect(judged(["车牌", "a-b", "_ok1"])).toEqual([
      "unreadable-name /data/properties/车牌",
      "unreadable-name /data/properties/a-b",
    ]);
  });
});
