/** An operator looks after the keystore: what is in it, another master secret, another place. */

import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { keysCommand } from "../../src/cli/keys.ts";
import { openKeystore } from "../../src/keys/open-keystore.ts";
import type { Keys } from "../../src/runtime/keystore.ts";
import { KeystoreForeign, tieKeystore } from "../../src/runtime/tie-keystore.ts";
import { openStore } from "../../src/store/open.ts";
import { createDatabase } from "../support/databases.ts";
import { run } from "./fake-terminal.ts";

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sevenstep-keys-command-"));
  vi.stubEnv("SEVENSTEP_DATA", folder);
  vi.stubEnv("DATABASE_URL", "");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** As a server with the environment of the test. */
async function ensured(tags: readonly string[], place = join(folder, "keys")): Promise<Keys> {
  const secretFile = process.env["SEVENSTEP_KEYSTORE_SECRET_FILE"] || undefined;
  const keystore = openKeystore({ place, dataFolder: folder, secretFile });
  try {
    await keystore.prepare();
    return await keystore.ensure(tags);
  } finally {
    await keystore.close();
  }
}

describe("sevenstep keys", () => {
  test("says what is in the keystore, and makes none", async () => {
    const none = await run(keysCommand, []);
    expect([none.code, none.complaint]).toEqual([1, expect.stringContaining("found none")]);
    await expect(stat(join(folder, "keys"))).rejects.toThrow(/ENOENT/);
    await ensured(["ann", "bo"]);
    const { code, output } = await run(keysCommand, []);
    expect(code).toBe(0);
    expect(output).toMatch(
      /^keystore: .*keys\nid: [0-9a-f]{32}\nmaster secret: .*secret\nkeys: 2\n/,
    );
    expect(output).toMatch(/destroyed: 0\n$/);
    expect((await run(keysCommand, [], { language: "zh" })).output).toContain("密钥: 2\n");
  });

  test("tells of half a key that a power cut left", async () => {
    await ensured(["ann"]);
    await writeFile(join(folder, "keys", "keys"), Buffer.alloc(70, 7), { flag: "a" });
    await ensured(["bo"]);
    expect((await run(keysCommand, [])).output).toMatch(/keys: 2\n.*128 bytes in the file/s);
  });

  test("exchanges the server's own master secret in one go, and keeps every key", async () => {
    const made = await ensured(["ann", "bo"]);
    const secret = join(folder, "keys", "secret");
    const before = await readFile(secret, "utf8");
    const { code, output } = await run(keysCommand, ["rotate"]);
    expect([code, output]).toEqual([0, expect.stringMatching(/^2 keys are wrapped anew\.\n/)]);
    expect(await readFile(secret, "utf8")).not.toBe(before);
    await expect(stat(`${secret}.next`)).rejects.toThrow(/ENOENT/);
    expect(await ensured(["ann", "bo"])).toEqual(made);
    expect((await run(keysCommand, ["rotate", "--to", "x"])).complaint).toContain("no --to");
  });

  test("ends an exchange of its own that was stopped at its very end", async () => {
    const made = await ensured(["ann"]);
    const secret = join(folder, "keys", "secret");
    await run(keysCommand, ["rotate"]);
    await writeFile(`${secret}.next`, await readFile(secret, "utf8"));
    expect((await run(keysCommand, ["rotate"])).code).toBe(0);
    await expect(stat(`${secret}.next`)).rejects.toThrow(/ENOENT/);
    expect(await ensured(["ann"])).toEqual(made);
    expect((await run(keysCommand, ["rotate"])).output).toContain("1 keys are wrapped anew");
  });

  test("exchanges the operator's master secret while both open it, until one is retired", async () => {
    const [old, next] = [join(folder, "old"), join(folder, "next")];
    await writeFile(old, "ab".repeat(32));
    vi.stubEnv("SEVENSTEP_KEYSTORE_SECRET_FILE", old);
    const made = await ensured(["ann"]);
    expect((await run(keysCommand, ["rotate"])).complaint).toContain("expected --to");
    expect((await run(keysCommand, ["rotate", "--to", old])).complaint).toContain("in use");
    const rotated = await run(keysCommand, ["rotate", "--to", next]);
    expect(rotated.output).toContain(`SEVENSTEP_KEYSTORE_SECRET_FILE to ${next}`);
    expect((await stat(next)).mode & 0o777).toBe(0o600);
    expect((await run(keysCommand, [])).output).toContain("Two master secrets");
    expect(await ensured(["ann"])).toEqual(made);
    vi.stubEnv("SEVENSTEP_KEYSTORE_SECRET_FILE", next);
    expect(await ensured(["ann"])).toEqual(made);
    expect((await run(keysCommand, ["retire"])).output).toMatch(/^Only this master secret opens/);
    expect((await run(keysCommand, ["retire"])).output).toMatch(/already/);
    vi.stubEnv("SEVENSTEP_KEYSTORE_SECRET_FILE", old);
    await expect(ensured(["ann"])).rejects.toThrow(/another master secret/);
  });

  test("copies the keystore to a Postgres server, where the same keys are", async () => {
    const secret = join(folder, "operator");
    await writeFile(secret, "cd".repeat(32));
    vi.stubEnv("SEVENSTEP_KEYSTORE_SECRET_FILE", secret);
    const tags = Array.from({ length: 1_200 }, (_, number) => `tag ${number}`);
    const made = await ensured(tags);
    const database = await createDatabase();
    try {
      const copied = await run(keysCommand, ["copy", database.url]);
      expect([copied.code, copied.output]).toEqual([0, expect.stringMatching(/^1200 keys/)]);
      expect(await ensured(tags, database.url)).toEqual(made);
      expect((await run(keysCommand, ["copy", database.url])).complaint).toContain("found one");
      vi.stubEnv("SEVENSTEP_KEYSTORE", database.url);
      expect((await run(keysCommand, [])).output).toContain("keys: 1200\n");
    } finally {
      await database.drop();
    }
  });

  test("lets a database go on with another keystore where its own is lost", async () => {
    await ensured(["ann"]);
    const tie = async (): Promise<void> => {
      const store = await openStore({ dataFolder: folder });
      const keystore = openKeystore({ place: join(folder, "keys"), dataFolder: folder });
      try {
        await store.migrate();
        await tieKeystore(keystore, store.keystore);
      } finally {
        await store.close();
        await keystore.close();
      }
    };
    await tie();
    await rm(join(folder, "keys"), { recursive: true });
    await expect(tie()).rejects.toThrow(KeystoreForeign);
    const { output } = await run(keysCommand, ["adopt"]);
    expect(output).toMatch(/under the keystore [0-9a-f]{32}/);
    await tie();
  });
});
