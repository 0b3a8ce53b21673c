/** Boxes: a value comes out under its key, for its order and commitment, and in no other way. */

import fc from "fast-check";
import { createDecipheriv } from "node:crypto";
import { describe, expect, test } from "vitest";
import { box, NONCE_BYTES, openBox } from "../../src/audit/box.ts";
import { commitmentOf } from "../../src/audit/seal.ts";

const KEY = new Uint8Array(32).fill(3);
const NONCE = new Uint8Array(NONCE_BYTES).fill(5);
const SALT = "07".repeat(32);
const VALUE = { plate: "沪A12345", b: 1, a: [null] };
const ROW = { commitment: commitmentOf(Buffer.from(SALT, "hex"), VALUE), salt: SALT, value: VALUE };

describe("a box", () => {
  test("is a nonce, the encrypted salt and RFC 8785 text, and a tag over these, the order and the commitment", () => {
    const made = box(KEY, "o1", ROW, NONCE);
    const decipher = createDecipheriv("aes-256-gcm", KEY, made.subarray(0, 12));
    decipher.setAAD(Buffer.from(`o1 ${ROW.commitment}`));
    decipher.setAuthTag(made.subarray(-16));
    const plain = Buffer.concat([decipher.update(made.subarray(12, -16)), decipher.final()]);
    expect(plain.subarray(0, 32).toString("hex")).toBe(SALT);
    expect(plain.toString("utf8", 32)).toBe('{"a":[null],"b":1,"plate":"沪A12345"}');
    expect(made.includes("12345")).toBe(false);
  });

  test("gives back any JSON value with its salt", () => {
    const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)));
    fc.assert(
      fc.property(json, (value) => {
        const row = { ...ROW, value };
        expect(openBox(KEY, "o1", ROW.commitment, box(KEY, "o1", row, NONCE))).toEqual(row);
      }),
    );
  });

  test("opens for no other key, order or commitment, and not when a byte of it is changed or missing", () => {
    const made = box(KEY, "o1", ROW, NONCE);
    expect(openBox(KEY, "o1", ROW.commitment, made)).toEqual(ROW);
    expect(openBox(new Uint8Array(32).fill(4), "o1", ROW.commitment, made)).toBeNull();
    expect(openBox(KEY, "o2", ROW.commitment, made)).toBeNull();
    expect(openBox(KEY, "o1", "0".repeat(64), made)).toBeNull();
    for (const at of made.keys()) {
      const altered = Uint8Array.from(made);
      altered[at] = (altered[at] ?? 0) ^ 1;
      expect(openBox(KEY, "o1", ROW.commitment, altered)).toBeNull();
      expect(openBox(KEY, "o1", ROW.commitment, made.subarray(0, at))).toBeNull();
    }
  });
});
