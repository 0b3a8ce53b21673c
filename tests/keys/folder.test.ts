import { chmod, copyFile, mkdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { decodeRecord, encodeKey, RECORD_BYTES } from "../../src/keys/key-record.ts";
import { openKeystore, type KeystorePlan } from "../../src/keys/open-keystore.ts";
import { handlePrototype } from "./handle-prototype.ts";
import { describeOnPlaces, hex } from "./places.ts";

describeOnPlaces("a keystore in a folder", ["folder"], (open, plan) => {
  const keysPath = () => join(plan().place, "keys");

  afterEach(() => {
    vi.restoreAllMocks();
  });

  test("shows its files to their owner alone", async () => {
    const keystore = await open();
    await keystore.ensure(["ann"]);
    const modes = ["", "keys", "envelope.json", "secret"].map(async (name) => {
      const { mode } = await stat(join(plan().place, name));
      return (mode & 0o777).toString(8);
    });
    expect(await Promise.all(modes)).toEqual(["700", "600", "600", "600"]);
  });

  test("holds no key that can be read without the master secret", async () => {
    const keystore = await open();
    const key = (await keystore.ensure(["ann"])).get("ann") ?? new Uint8Array();
    for (const name of ["keys", "envelope.json", "secret"]) {
      const bytes = await readFile(join(plan().place, name));
      expect(bytes.includes(Buffer.from(key))).toBe(false);
      expect(bytes.includes("ann")).toBe(false);
    }
  });

  test("answers no key before the disk has it", async () => {
    const keystore = await open();
    const prototype = await handlePrototype(plan().place);
    const original = prototype.datasync;
    const held: (() => void)[] = [];
    vi.spyOn(prototype, "datasync").mockImplementation(async function (this: unknown) {
      await new Promise<void>((resolve) => held.push(resolve));
      return original.call(this);
    });
    let isAnswered = false;
    const ensuring = keystore.ensure(["ann"]).then(() => {
      isAnswered = true;
    });
    await expect.poll(() => held.length).toBe(1);
    expect(isAnswered).toBe(false);
    held[0]?.();
    await ensuring;
    expect(isAnswered).toBe(true);
  });

  test("makes a thousand keys in one turn with two fsyncs", async () => {
    const keystore = await open();
    const datasync = vi.spyOn(await handlePrototype(plan().place), "datasync");
    await Promise.all(
      Array.from({ length: 1_000 }, (_, number) => keystore.ensure([`tag ${number}`])),
    );
    expect(datasync.mock.calls.length).toBe(2);
  });

  test("lost nothing that it acknowledged when the power goes, whoever wrote it", async () => {
    const [one, other] = [await open(), await open()];
    const prototype = await handlePrototype(plan().place);
    const original = prototype.datasync;
    let onDisk = 0;
    vi.spyOn(prototype, "datasync").mockImplementation(async function (this: unknown) {
      const { size } = await stat(keysPath());
      await original.call(this);
      onDisk = Math.max(onDisk, size);
    });
    const told = new Map<string, string | null>();
    for (let round = 0; round < 20; round++) {
      const tags = [`tag ${round}`, `tag ${round + 1}`];
      const servers = round % 2 === 0 ? [one, other] : [other, one];
      const answers = await Promise.race(servers.map(async (server) => server.ensure(tags)));
      for (const tag of tags) told.set(tag, hex(answers.get(tag)));
      // What the power cut leaves of the file now.
      const copy = `${plan().place}-${round}`;
      const wasOnDisk = onDisk;
      await copyFolder(plan().place, copy);
      await truncate(join(copy, "keys"), wasOnDisk);
      const left = openKeystore({ place: copy, dataFolder: copy });
      await left.prepare();
      const kept = await left.read([...told.keys()]);
      await left.close();
      expect([...told.keys()].map((tag) => [tag, hex(kept.get(tag))])).toEqual([...told]);
    }
  });

  test.each([
    ["keys", /expected .*keys beside .*envelope.json/],
    ["envelope.json", /expected .*envelope.json beside .*keys/],
    ["secret", /master secret in .*secret, found no such file/],
  ])("is refused without its file %s, and goes on when that is back", async (name, problem) => {
    const keystore = await open();
    const made = await keystore.ensure(["ann"]);
    await keystore.close();
    const path = join(plan().place, name);
    await copyFile(path, `${path}.kept`);
    await rm(path);
    await expect(preparing(plan())).rejects.toThrow(problem);
    await copyFile(`${path}.kept`, path);
    expect(await (await open()).read(["ann"])).toEqual(made);
  });

  test.each(["", "too short", "0".repeat(63), "!".repeat(43)])(
    "is refused with %j for a master secret",
    async (text) => {
      await (await open()).close();
      await chmod(join(plan().place, "secret"), 0o600);
      await writeFile(join(plan().place, "secret"), text);
      await expect(preparing(plan())).rejects.toThrow(/expected 256 bits/);
    },
  );

  test("is refused with another master secret, with advice", async () => {
    await (await open()).close();
    await writeFile(join(plan().place, "secret"), "ab".repeat(32));
    await expect(preparing(plan())).rejects.toThrow(/SEVENSTEP_KEYSTORE_SECRET_FILE/);
  });

  test("takes the operator's master secret, and makes none for them", async () => {
    const secretFile = join(plan().dataFolder, "operator");
    const guarded = { ...plan(), secretFile };
    await expect(preparing(guarded)).rejects.toThrow(/found no such file/);
    await writeFile(secretFile, `${"Ab".repeat(32)}\n`);
    const keystore = openKeystore(guarded);
    await keystore.prepare();
    expect((await keystore.ensure(["ann"])).size).toBe(1);
    await keystore.close();
    await expect(stat(join(plan().place, "secret"))).rejects.toThrow(/ENOENT/);
  });

  test("destroys in place: not a byte of what wrapped the key is left in the file", async () => {
    const keystore = await open();
    await keystore.ensure(["ann"]);
    const before = await readFile(keysPath());
    await keystore.destroy(["ann"]);
    const after = await readFile(keysPath());
    expect(after.length).toBe(before.length);
    for (let at = 16; at < before.length - 4; at++) {
      const four = before.subarray(at, at + 4);
      if (four.some((byte) => byte !== 0)) expect(after.includes(four)).toBe(false);
    }
  });

  test("waits for whoever overwrites, and does not wait for one that was killed", async () => {
    const [one, other] = [await open(), await open()];
    await one.ensure(["ann", "bo", "cy"]);
    const destroyed = await Promise.all([
      one.destroy(["ann"]),
      other.destroy(["ann", "bo"]),
      one.destroy(["cy"]),
    ]);
    expect(destroyed.reduce((sum, each) => sum + each, 0)).toBe(3);
    const holder = { pid: 999_999_999, started: "1", boot: "none", host: "here", namespace: null };
    await writeFile(join(plan().place, "lock.99"), JSON.stringify(holder));
    expect(await one.destroy(["ann"])).toBe(0);
  }, 20_000);

  test("opens no key that was altered, or put in another one's place, and all others", async () => {
    const keystore = await open();
    await keystore.ensure(["ann", "bo", "cy"]);
    const bytes = await readFile(keysPath());
    const keys = ["ann", "bo", "cy"].map((_, index) => decodeRecord(bytes, index * RECORD_BYTES));
    const [ann, bo] = keys.flatMap((record) => (record?.kind === "key" ? [record.key] : []));
    if (ann === undefined || bo === undefined) throw new Error("expected three keys");
    const box = ann.box.map((byte, at) => (at === 20 ? byte ^ 1 : byte));
    const altered = [encodeKey({ ...ann, box }), encodeKey({ ...bo, box: ann.box })];
    await writeFile(keysPath(), Buffer.concat([...altered, bytes.subarray(2 * RECORD_BYTES)]));
    const reads = ["ann", "bo", "cy"].map((tag) => keystore.read([tag]));
    const [first, second, third] = await Promise.allSettled(reads);
    expect([first?.status, second?.status, third?.status]).toEqual([
      "rejected",
      "rejected",
      "fulfilled",
    ]);
    await expect(keystore.ensure(["ann"])).rejects.toThrow(/was altered/);
  });

  test("tells a full disk as a keystore that can't be used now", async () => {
    const keystore = await open();
    const prototype = await handlePrototype(plan().place);
    const full = Object.assign(new Error("no space"), { code: "ENOSPC", syscall: "write" });
    vi.spyOn(prototype, "write").mockRejectedValueOnce(full);
    await expect(keystore.ensure(["ann"])).rejects.toThrow(/can't be used: ENOSPC/);
    expect((await keystore.ensure(["ann"])).size).toBe(1);
  });
});

async function preparing(plan: KeystorePlan): Promise<void> {
  const keystore = openKeystore(plan);
  try {
    await keystore.prepare();
  } finally {
    await keystore.close();
  }
}

async function copyFolder(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const name of ["keys", "envelope.json", "secret"]) {
    await copyFile(join(from, name), join(to, name));
  }
}
