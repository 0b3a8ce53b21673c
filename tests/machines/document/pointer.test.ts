import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  childOf,
  parentOf,
  pointerOf,
  resolve,
  segmentsOf,
  valueAt,
} from "../../../machines/document/pointer.ts";

/** RFC 6901, section 5. */
const RFC_DOCUMENT = {
  foo: ["bar", "baz"],
  "": 0,
  "a/b": 1,
  "c%d": 2,
  "e^f": 3,
  "g|h": 4,
  "i\\j": 5,
  'k"l': 6,
  " ": 7,
  "m~n": 8,
};

describe("resolve", () => {
  test.each([
    ["", RFC_DOCUMENT],
    ["/foo", ["bar", "baz"]],
    ["/foo/0", "bar"],
    ["/", 0],
    ["/a~1b", 1],
    ["/c%d", 2],
    ["/e^f", 3],
    ["/g|h", 4],
    ["/i\\j", 5],
    ['/k"l', 6],
    ["/ ", 7],
    ["/m~0n", 8],
  ])("finds what %s names in the example of RFC 6901", (pointer, expected) => {
    expect(resolve(RFC_DOCUMENT, pointer)).toEqual(expected);
  });

  test.each(["/nowhere", "/foo/2", "/foo/01", "/foo/-", "/foo/length", "/__proto__", "/foo/0/0"])(
    "finds nothing at %s",
    (pointer) => expect(resolve(RFC_DOCUMENT, pointer)).toBeUndefined(),
  );

  test("refuses what is no pointer", () => {
    expect(() => resolve(RFC_DOCUMENT, "foo")).toThrow(RangeError);
  });
});

describe("pointerOf", () => {
  test("is undone by segmentsOf, whatever the segments", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom("~", "/", "0", "1", "a") })),
        (path) => {
          expect(segmentsOf(pointerOf(path))).toEqual(path);
        },
      ),
    );
  });

  test("joins as it does whole", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.string(), (path, key) => {
        const child = childOf(pointerOf(path), key);
        expect(child).toBe(pointerOf([...path, key]));
        expect(parentOf(child)).toBe(pointerOf(path));
      }),
    );
  });

  test("has no parent at the root", () => {
    expect(parentOf("")).toBeNull();
  });
});

describe("valueAt", () => {
  test("finds the same as the pointer of its path", () => {
    expect(valueAt(RFC_DOCUMENT, ["foo", 1])).toBe("baz");
    expect(valueAt({ a: null }, ["a", "b"])).toBeUndefined();
  });
});
