/** Seals: what goes in comes out, nothing of it stays in the open, and every commitment can be checked by anybody. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commitmentsIn, unseal } from "../../machines/schema/tokens.ts";
import { commitmentOf, seal } from "../../src/audit/seal.ts";

const SALT = new Uint8Array(32).fill(7);
const salts = () => {
  let count = 0;
  return () => new Uint8Array(32).fill((count += 1));
};

describe("commitmentOf", () => {
  test("is SHA-256 over the salt's bytes and the value's RFC 8785 text", () => {
    // { head -c 32 /dev/zero | tr '\0' '\7'; printf '{"a":"é","b":1}'; } | sha256sum
    expect(commitmentOf(SALT, { b: 1, a: "é" })).toBe(
      "c30e7b82f59641dd6b5cb26652f601120674b1bae44f2b90efe33356e1d917b4",
    );
  });

  test("refuses what canonical JSON can't hold", () => {
    expect(() => commitmentOf(SALT, "\ud800")).toThrow();
  });
});

describe("seal", () => {
  test("replaces what the pointers name, escaped keys and array elements included", () => {
    const value = { "a/b": "x", list: [{ name: "y" }, { name: "z" }], open: 1 };
    const sealing = seal(value, ["/a~1b", "/list/1/name", "/nowhere"], salts());
    expect(sealing.value).toMatchObject({ list: [{ name: "y" }, {}], open: 1 });
    expect(Object.keys(sealing.sealed)).toEqual(["/a~1b", "/list/1/name"]);
    expect(sealing.rows.map((row) => row.value)).toEqual(["x", "z"]);
    for (const { commitment, salt, value: inner } of sealing.rows) {
      expect(commitmentOf(Buffer.from(salt, "hex"), inner)).toBe(commitment);
    }
    expect(commitmentsIn(sealing.value)).toEqual(Object.values(sealing.sealed));
  });

  test("is undone by unseal, for any JSON", () => {
    const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)));
    fc.assert(
      fc.property(json, json, (first, second) => {
        const value = { first, second, kept: [true] };
        const sealing = seal(value, ["/first", "/second"], salts());
        const values = new Map(sealing.rows.map((row) => [row.commitment, row.value]));
        expect(unseal(sealing.value, values)).toEqual(value);
      }),
    );
  });
});

describe("unseal", () => {
  const { value, rows } = seal({ name: "Ada", age: 36 }, ["/name", "/age"], salts());
  const values = new Map(rows.map((row) => [row.commitment, row.value]));
  const textAt = (field: string) => JSON.stringify(value[field]).slice(1, -1);

  test("joins values inside longer texts, written out", () => {
    const text = `Dear ${textAt("name")}, at ${textAt("age")} you are young.`;
    expect(unseal({ text }, values)).toEqual({ text: "Dear Ada, at 36 you are young." });
  });

  test("leaves tokens whose value is erased or withheld", () => {
    expect(unseal(value, new Map())).toEqual(value);
    const [first] = rows;
    const some = new Map(rows.slice(1).map((row) => [row.commitment, row.value]));
    expect(unseal(value, some)).toEqual({ name: `sealed:${first?.commitment}`, age: 36 });
  });

  test("opens once: a value that looks like a token stays as it was sent", () => {
    const [first] = rows;
    const sly = seal({ text: `sealed:${first?.commitment}` }, ["/text"], () => SALT);
    const all = new Map([
      ...values,
      ...sly.rows.map((row) => [row.commitment, row.value] as const),
    ]);
    expect(unseal(sly.value, all)).toEqual({ text: `sealed:${first?.commitment}` });
  });
});
