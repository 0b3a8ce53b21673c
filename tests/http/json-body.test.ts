/** The scan over JSON bodies refuses what parsers disagree about, names the place, and lets everything else through. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_JSON_DEPTH, unsafeJson } from "../../src/http/json-body.ts";
import { leastCpuMs } from "../support/cpu-time.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("unsafeJson", () => {
  test.each([
    ["a duplicate key", '{"a":{"b":1,"b":2}}', "body-key-duplicate", "/a/b"],
    ["a duplicate key that is escaped once", '{"a":1,"\\u0061":2}', "body-key-duplicate", "/a"],
    ["a duplicate key after an array", '{"a":[1,{"x":0}],"a":2}', "body-key-duplicate", "/a"],
    ["__proto__", '{"a":[{"__proto__":{}}]}', "body-key-forbidden", "/a/0/__proto__"],
    ["__proto__ in disguise", '{"\\u005f_proto__":1}', "body-key-forbidden", "/__proto__"],
    ["constructor", '{"constructor":1}', "body-key-forbidden", "/constructor"],
    ["prototype", '{"prototype":1}', "body-key-forbidden", "/prototype"],
    ["U+0000", '{"a":["x","\\u0000"]}', "body-text-unsafe", "/a/1"],
    ["U+0000 in a key", '{"a":{"\\u0000":1}}', "body-text-unsafe", "/a"],
    ["a lone surrogate", '{"a/b":"\\ud800"}', "body-text-unsafe", "/a~1b"],
    ["a surrogate pair in the wrong order", '["\\udc00\\ud800"]', "body-text-unsafe", "/0"],
    ["an infinite number", '{"a":1e999}', "body-number-range", "/a"],
    ["an infinite negative number", "[-1e999]", "body-number-range", "/0"],
    ["an integer that loses digits", "[0,9007199254740993]", "body-number-range", "/1"],
  ])("refuses %s", (_what, text, code, pointer) => {
    expect(unsafeJson(bytes(text))).toMatchObject({ code, pointer });
  });

  test("refuses bytes that are not UTF-8", () => {
    expect(unsafeJson(Uint8Array.of(0x22, 0xff, 0x22))).toMatchObject({ code: "body-malformed" });
    expect(unsafeJson(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22))?.code).toBe("body-malformed");
  });

  test("lets 32 levels through and refuses the 33rd, whatever the brackets", () => {
    const nested = (levels: number): string => '[{"a":'.repeat(levels / 2) + "0";
    expect(unsafeJson(bytes(nested(MAX_JSON_DEPTH)))).toBeNull();
    expect(unsafeJson(bytes(nested(MAX_JSON_DEPTH + 2)))?.code).toBe("body-too-deep");
  });

  test("refuses five million brackets in less time than a blink", () => {
    const hostile = bytes("[".repeat(5_000_000));
    const took = leastCpuMs(() => expect(unsafeJson(hostile)?.code).toBe("body-too-deep"));
    expect(took).toBeLessThan(100);
  });

  test("is not misled by brackets, quotes, commas and numbers inside strings", () => {
    const text = JSON.stringify({ a: '[{"a":1e999,\\', b: "}],", 'c"': "-9007199254740993" });
    expect(unsafeJson(bytes(text))).toBeNull();
  });

  test("lets every JSON value through that holds none of these", () => {
    const key = fc.string({ unit: "grapheme" }).filter((text) => !UNSAFE_KEY.test(text));
    const value = fc.jsonValue({ maxDepth: 8, stringUnit: "grapheme" });
    fc.assert(
      fc.property(fc.dictionary(key, value), (object) => {
        const text = JSON.stringify(object);
        fc.pre(!text.includes("\\u0000") && !UNSAFE_KEY.test(text) && !/\d{16}/.test(text));
        expect(unsafeJson(bytes(text))).toBeNull();
      }),
    );
  });

  test("never throws, whatever the bytes", () => {
    const soup = fc.array(
      fc.constantFrom('"', "\\", "{", "}", "[", "]", ",", ":", "-", "1e9", "\\u00", "a", " "),
    );
    fc.assert(
      fc.property(soup, (pieces) => {
        unsafeJson(bytes(pieces.join("")));
      }),
      { numRuns: 2_000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (noise) => {
        unsafeJson(noise);
      }),
    );
  });
});

const UNSAFE_KEY = /__proto__|constructor|prototype/;
