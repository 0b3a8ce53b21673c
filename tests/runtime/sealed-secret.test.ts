/** A secret in the database opens for its owner, its purpose and the servers' key only. */

import { expect, test } from "vitest";
import { systemRandom } from "../../src/runtime/platform.ts";
import { createSecretBox } from "../../src/runtime/sealed-secret.ts";

const key = new Uint8Array(32).fill(7);
const box = createSecretBox(key, "message payload", systemRandom);

test("what was sealed opens, and two seals of one text differ", () => {
  const sealed = box.seal("灯 lamp", "m-1");
  expect(box.open(sealed, "m-1")).toBe("灯 lamp");
  expect(sealed).not.toContain("lamp");
  expect(box.seal("灯 lamp", "m-1")).not.toBe(sealed);
});

test("it opens for nobody else", () => {
  const sealed = box.seal("lamp", "m-1");
  expect(() => box.open(sealed, "m-2")).toThrow();
  const another = createSecretBox(key, "webhook secret", systemRandom);
  expect(() => another.open(sealed, "m-1")).toThrow();
  const elsewhere = createSecretBox(
    key.map((byte) => byte + 1),
    "message payload",
    systemRandom,
  );
  expect(() => elsewhere.open(sealed, "m-1")).toThrow();
});

test("an altered or a truncated one does not open", () => {
  const bytes = Buffer.from(box.seal("lamp", "m-1"), "base64");
  bytes[40] = (bytes[40] ?? 0) ^ 1;
  expect(() => box.open(bytes.toString("base64"), "m-1")).toThrow();
  expect(() => box.open(bytes.subarray(0, 20).toString("base64"), "m-1")).toThrow();
});
