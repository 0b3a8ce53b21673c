/** Every route that takes a JSON body has the same wall before it, and what passes the wall arrives as it was sent. */

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { unsafeJson } from "../../src/http/json-body.ts";
import { openApiDocument } from "../support/openapi/document.ts";
import { asking, embeddedServer } from "./server.ts";
import type { Ask, Asking, TestServer } from "./server.ts";

let server: TestServer;
let ask: Asking;
let routes: readonly (readonly [NonNullable<Ask["method"]>, string])[] = [];

const METHODS = { post: "POST", put: "PUT", patch: "PATCH", delete: "DELETE" } as const;

beforeAll(async () => {
  server = await embeddedServer();
  ask = asking(server);
  const { paths } = await openApiDocument();
  routes = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { requestBody }]) => {
      // Definitions are documents: their own reader judges them, and names lines.
      const types = Object.keys(requestBody?.content ?? {});
      const known = Object.entries(METHODS).find(([name]) => name === method)?.[1];
      if (known === undefined || types.join() !== "application/json") return [];
      return [
        [known, path.replaceAll(/\{\w+\}/g, "01980c3e-6c1a-7000-8000-0123456789ab")] as const,
      ];
    }),
  );
});
afterAll(() => server.close());

const HOSTILE: readonly (readonly [string, string | Uint8Array<ArrayBuffer>, number, string])[] = [
  ["a duplicate key", '{"a":1,"\\u0061":2}', 400, "body-key-duplicate"],
  ["a prototype key", '{"a":{"__proto__":1}}', 400, "body-key-forbidden"],
  ["U+0000", '{"a":"\\u0000"}', 400, "body-text-unsafe"],
  ["a lone surrogate", '{"a":"\\udfff"}', 400, "body-text-unsafe"],
  ["a number beyond range", '{"a":-1e400}', 400, "body-number-range"],
  ["33 levels", "[".repeat(33), 400, "body-too-deep"],
  ["invalid UTF-8", Uint8Array.of(0x22, 0xc0, 0xaf, 0x22), 400, "body-malformed"],
  ["a mebibyte and more", `"${"a".repeat(1_048_576)}"`, 413, "body-too-large"],
];

describe("every route with a JSON body", () => {
  test("is found", () => expect(routes.length).toBeGreaterThan(10));

  test.each(HOSTILE)("refuses %s", async (_what, body, status, code) => {
    for (const [method, path] of routes) {
      const answer = await ask(path, { method, body });
      expect([answer.status, answer.body.code], `${method} ${path}`).toEqual([status, code]);
    }
  });

  test.each([
    ["gzip", { "Content-Encoding": "gzip" }],
    ["an unknown coding", { "Content-Encoding": "identity, x" }],
    ["UTF-16", { "Content-Type": "application/json; charset=utf-16" }],
    ["Latin-1, quoted", { "Content-Type": 'application/json;charset="iso-8859-1"' }],
  ])("refuses %s", async (_what, headers) => {
    for (const [method, path] of routes) {
      const answer = await ask(path, { method, body: "{}", headers });
      expect([answer.status, answer.body.code], `${method} ${path}`).toEqual([
        415,
        "media-type-unsupported",
      ]);
    }
  });

  test("takes UTF-8 by any of its names, and no coding by its name", async () => {
    for (const headers of [
      { "Content-Type": "application/json; charset=UTF-8" },
      { "Content-Type": 'application/json; charset="utf8"' },
      { "Content-Encoding": "identity" },
    ]) {
      expect((await ask("/v1/test-clocks", { body: {}, headers })).status).toBe(201);
    }
  });
});

describe("a body that passes the wall", () => {
  const text = fc.string({ unit: "binary" });
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 8 },
      fc.constantFrom(null, true, false),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.maxSafeInteger(),
      text,
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(text, tie("value"), { maxKeys: 4, noNullPrototype: true }),
    ),
  })).value;

  test("is parsed into the very value that was sent, and written again as the same text", () => {
    let passed = 0;
    fc.assert(
      fc.property(value, (sent) => {
        const json = JSON.stringify(sent);
        if (unsafeJson(new TextEncoder().encode(json)) !== null) return;
        passed += 1;
        const parsed: unknown = JSON.parse(json);
        expect(JSON.stringify(parsed)).toBe(json);
        expect(json.isWellFormed() && !json.includes("\\u0000")).toBe(true);
      }),
      { numRuns: 2_000 },
    );
    expect(passed).toBeGreaterThan(500);
  });

  test("is refused whenever it would not be: numbers that a double rounds, keys that stand twice", () => {
    const digits = fc.bigInt({ min: 2n ** 53n, max: 2n ** 80n });
    fc.assert(
      fc.property(digits, fc.boolean(), (number, isNegative) => {
        const json = `{"a":${isNegative ? "-" : ""}${number}}`;
        expect(unsafeJson(new TextEncoder().encode(json))?.code).toBe("body-number-range");
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.jsonValue(), (key, inner) => {
        const [name, member] = [JSON.stringify(key), JSON.stringify(inner)];
        const json = `{${name}:0,"~between":${member},${name}:1}`;
        expect(unsafeJson(new TextEncoder().encode(json))).not.toBeNull();
      }),
    );
  });
});
