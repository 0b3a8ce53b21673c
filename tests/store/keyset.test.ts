/** Cursors are bound to their list and filters, and none that is forged makes more of the server than a refusal. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BadCursor } from "../../src/store/errors.ts";
import { behind, pageOf, rowsWanted, type Keyset } from "../../src/store/keyset.ts";

const KEYSET: Keyset = {
  list: "things",
  columns: [
    ["at", "instant"],
    ["id", "text"],
    ["number", "integer"],
  ],
  direction: "asc",
};

interface Thing {
  readonly at: number;
  readonly id: string;
  readonly number: number;
}

const keyOf = ({ at, id, number }: Thing) => [at, id, number];
const FIRST: Thing = { at: 0, id: "a", number: 1 };

function cursorOf(request: { readonly limit: number; readonly [filter: string]: unknown }): string {
  const { nextCursor } = pageOf(KEYSET, request, [FIRST, FIRST], keyOf);
  if (nextCursor === null) throw new Error("expected a next page");
  return nextCursor;
}

describe("a cursor", () => {
  test("is there exactly when more rows were found than the page holds", () => {
    expect(rowsWanted({ limit: 2 })).toBe(3);
    const rows = [1, 2, 3].map((number) => ({ ...FIRST, number }));
    const whole = pageOf(KEYSET, { limit: 3 }, rows, keyOf);
    expect(whole).toEqual({ items: rows, nextCursor: null });
    const page = pageOf(KEYSET, { limit: 2 }, rows, keyOf);
    expect(page.items).toEqual(rows.slice(0, 2));
    expect(page.nextCursor).not.toBeNull();
    expect(pageOf(KEYSET, { limit: 2 }, [], keyOf).nextCursor).toBeNull();
  });

  test("goes with the filters it was given under, in any order, and with any limit", () => {
    const cursor = cursorOf({ limit: 1, role: "lead", centre: "上海" });
    const again = { centre: "上海", role: "lead", limit: 500, cursor };
    expect(() => behind(KEYSET, again)).not.toThrow();
  });

  test.each([
    ["another value", { role: "parts", centre: "上海" }],
    ["a filter less", { role: "lead" }],
    ["a filter more", { role: "lead", centre: "上海", overdue: true }],
    ["values exchanged", { role: "上海", centre: "lead" }],
    ["another type", { role: "lead", centre: "上海", overdue: "true" }],
  ])("is refused under other filters: %s", (_, filter) => {
    const cursor = cursorOf({ limit: 1, role: "lead", centre: "上海" });
    expect(() => behind(KEYSET, { limit: 1, ...filter, cursor })).toThrow("other filters");
  });

  test("is refused by another list with the same columns and filters", () => {
    const cursor = cursorOf({ limit: 1 });
    const other = { ...KEYSET, list: "others" };
    expect(() => behind(other, { limit: 1, cursor })).toThrow(BadCursor);
  });

  test.each([
    ["no instant", ["x", "a", 1]],
    ["an instant beyond the calendar", [8.64e15, "a", 1]],
    ["an instant before it", [-8.64e15, "a", 1]],
    ["half a millisecond", [0.5, "a", 1]],
    ["U+0000", [0, "a\0", 1]],
    ["a number that is none", [0, "a", "1; drop table orders"]],
    ["a number beyond int8", [0, "a", 1e19]],
    ["a value too few", [0, "a"]],
    ["a value too many", [0, "a", 1, 1]],
    ["nothing", []],
  ])("with a forged key is refused: %s", (_, key) => {
    const values: unknown = JSON.parse(
      Buffer.from(cursorOf({ limit: 1 }), "base64url").toString("utf8"),
    );
    const [bond] = Array.isArray(values) ? values : [];
    const cursor = Buffer.from(JSON.stringify([bond, ...key])).toString("base64url");
    expect(() => behind(KEYSET, { limit: 1, cursor })).toThrow(BadCursor);
  });

  test("of any other text is refused, and nothing else is thrown", () => {
    const texts = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.json().map((text) => Buffer.from(text).toString("base64url")),
      fc.uint8Array().map((bytes) => Buffer.from(bytes).toString("base64url")),
    );
    fc.assert(
      fc.property(texts, (cursor) => {
        expect(() => behind(KEYSET, { limit: 1, cursor })).toThrow(BadCursor);
      }),
    );
  });
});
