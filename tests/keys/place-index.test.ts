import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createPlaceIndex } from "../../src/keys/place-index.ts";
import { nameOf } from "../../src/keys/wrapped-key.ts";

describe("an index of places", () => {
  test("gives all places of a name, from the first to the last, among any others", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(300), { maxLength: 3_000 }), (tags) => {
        const index = createPlaceIndex();
        const expected = new Map<number, number[]>();
        for (const [position, tag] of tags.entries()) {
          // Beyond what 32 bits hold.
          const place = position * 2 ** 33;
          index.add(nameOf(String(tag)), place);
          expected.set(tag, [...(expected.get(tag) ?? []), place]);
        }
        for (const [tag, places] of expected) {
          expect(index.places(nameOf(String(tag)))).toEqual(places);
        }
        expect(index.places(nameOf("nobody"))).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  test("may give places of a name that looks alike, and never misses its own", () => {
    const index = createPlaceIndex();
    const [one, other] = [`${"a".repeat(8)}${"0".repeat(56)}`, `${"a".repeat(8)}${"1".repeat(56)}`];
    index.add(one, 0);
    index.add(other, 128);
    expect(index.places(other)).toEqual([0, 128]);
  });
});
