/** Scenarios hold personal values in clear; the order that they run on never does. */

import { describe, expect, test } from "vitest";

import { createVault } from "../../src/design/vault.ts";

const SEALED = /^sealed:[0-9a-f]{64}$/;

describe("createVault", () => {
  test("seals the named places only, and opens them again, whatever their type", () => {
    const vault = createVault("seed");
    const value = { plate: "沪A12345", odometer: 12, owners: [{ name: "Ann", since: 2020 }] };
    const sealed = vault.seal(value, ["/plate", "/owners/0/name", "/odometer"]);
    expect(sealed).toEqual({
      plate: expect.stringMatching(SEALED),
      odometer: expect.stringMatching(SEALED),
      owners: [{ name: expect.stringMatching(SEALED), since: 2020 }],
    });
    expect(vault.open(sealed)).toEqual(value);
  });

  test("opens commitments inside longer texts", () => {
    const vault = createVault("seed");
    const { name } = vault.seal({ name: "Ann" }, ["/name"]);
    if (typeof name !== "string") throw new Error("A token is a text.");
    expect(vault.open([`Dear ${name}, dear ${name}`])).toEqual(["Dear Ann, dear Ann"]);
  });

  test("gives equal values different commitments, and the same ones in every run", () => {
    const seal = () => createVault("seed").seal({ a: "Ann", b: "Ann" }, ["/a", "/b"]);
    const { a, b } = seal();
    expect(a).not.toBe(b);
    expect(seal()).toEqual({ a, b });
    expect(createVault("other").seal({ a: "Ann" }, ["/a"])["a"]).not.toBe(a);
  });

  test("leaves the commitments of others alone", () => {
    const foreign = `sealed:${"0".repeat(64)}`;
    expect(createVault("seed").open({ a: foreign })).toEqual({ a: foreign });
  });
});
