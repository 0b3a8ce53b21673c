/** What is sent as a binary array is what the database reads, and what its own text form would have been. */

import fc from "fast-check";
import { sql } from "kysely";
import { describe, expect, test } from "vitest";

import { instantArray, integerArray, textArray } from "../../../src/store/group/binary-arrays.ts";
import { timestamp } from "../../../src/store/timestamp.ts";
import { describeOnDatabases } from "../../support/databases.ts";

/** Whatever UTF-8 can hold but U+0000, which the database refuses. */
const texts = fc.oneof(
  fc.string({ unit: "binary" }).map((text) => text.replaceAll("\0", "")),
  fc.constantFrom("", "null", "NULL", "{}", '","', "\\", "预约 😀", "a".repeat(70_000)),
);
const integers = fc.oneof(fc.integer(), fc.constantFrom(0, -1, 2 ** 31 - 1, -(2 ** 31)));
const FIRST = Date.UTC(1900, 0, 1);
const LAST = Date.UTC(10_000, 0, 1) - 1;
const instants = fc.oneof(
  fc.integer({ min: FIRST, max: LAST }),
  fc.constantFrom(FIRST, LAST, 0, -1, Date.UTC(2000, 0, 1), Date.UTC(2000, 0, 1) - 1),
);

const listsOf = <Value>(values: fc.Arbitrary<Value>) =>
  fc.array(fc.option(values, { freq: 4 }), { maxLength: 40 });

describeOnDatabases("binary arrays", (_open, _kind, raw) => {
  test("are read as they were meant: nulls, no elements, emoji and the greatest numbers included", async () => {
    const { db, prepared } = await raw();
    const statement = {
      name: "arrays",
      text: `select json_build_array(
        $1::text[], $2::integer[], (select coalesce(json_agg(
          to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') order by place), '[]')
          from unnest($3::timestamptz[]) with ordinality as each (at, place)))::text as row`,
    };
    await fc.assert(
      fc.asyncProperty(
        listsOf(texts),
        listsOf(integers),
        listsOf(instants),
        async (someTexts, someIntegers, someInstants) => {
          const values = [
            textArray(someTexts),
            integerArray(someIntegers),
            instantArray(someInstants),
          ];
          const [row = ""] = await prepared(statement, values);
          expect(JSON.parse(row)).toEqual([
            someTexts,
            someIntegers,
            someInstants.map((at) => (at === null ? null : timestamp(at))),
          ]);
        },
      ),
      { numRuns: 40 },
    );
    // The connection is whole.
    expect((await sql`select 1 as one`.execute(db)).rows).toEqual([{ one: 1 }]);
  });

  test("with a lone surrogate or U+0000 spoil no more than the statement they are in", async () => {
    const { prepared } = await raw();
    const statement = { name: "first", text: "select ($1::text[])[1] as row" };
    expect(await prepared(statement, [textArray(["\ud800a"])])).toEqual(["\ufffda"]);
    await expect(prepared(statement, [textArray(["a\0"])])).rejects.toThrow("0x00");
    expect(await prepared(statement, [textArray(["a"])])).toEqual(["a"]);
  });
});

describe("a number that its type does not hold", () => {
  test("is refused before anything is sent", () => {
    for (const value of [2 ** 31, -(2 ** 31) - 1]) {
      expect(() => integerArray([value])).toThrow(RangeError);
    }
    for (const value of [0.5, Number.NaN, Infinity, 2 ** 60]) {
      expect(() => instantArray([value])).toThrow(RangeError);
    }
    for (const value of [0.5, Number.NaN]) expect(() => integerArray([value])).toThrow(RangeError);
  });
});
