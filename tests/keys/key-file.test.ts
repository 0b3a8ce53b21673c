import { appendFile, mkdtemp, readFile, rm, stat, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openKeyFile, type KeyFile } from "../../src/keys/key-file.ts";
import { decodeRecord, encodeKey, encodeWiped, RECORD_BYTES } from "../../src/keys/key-record.ts";
import { nameOf, newWrapper, wrapKey, type WrappedKey } from "../../src/keys/wrapped-key.ts";
import { handlePrototype } from "./handle-prototype.ts";

const wrapper = newWrapper();

function keyFor(tag: string): WrappedKey {
  const key = wrapKey(nameOf(tag), randomBytes(32), wrapper);
  return { ...key, box: new Uint8Array(key.box) };
}

describe("a file of keys", () => {
  let folder = "";
  let path = "";
  const opened: KeyFile[] = [];

  const openFile = async (): Promise<KeyFile> => {
    const file = await openKeyFile(path);
    opened.push(file);
    return file;
  };
  const found = async (file: KeyFile, tag: string): Promise<readonly WrappedKey[]> =>
    ((await file.find([nameOf(tag)])).get(nameOf(tag)) ?? []).map(({ key }) => key);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sevenstep-key-file-"));
    path = join(folder, "keys");
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await Promise.all(opened.splice(0).map((file) => file.close()));
    await rm(folder, { recursive: true, force: true });
  });

  test("is its owner's alone", async () => {
    await openFile();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test("gives keys in the order in which they were appended, whoever did it", async () => {
    const [one, other] = [await openFile(), await openFile()];
    const keys = [keyFor("ann"), keyFor("ann"), keyFor("ann")] as const;
    await one.append([keys[0]]);
    await other.append([keys[1], keyFor("bo")]);
    await one.append([keys[2]]);
    await Promise.all([one.refresh(), other.refresh()]);
    expect(await found(other, "ann")).toEqual(keys);
    expect(await found(one, "ann")).toEqual(keys);
  });

  test("finds what another one appended, also where somebody else reads on meanwhile", async () => {
    const [writer, reader] = [await openFile(), await openFile()];
    const ann = keyFor("ann");
    await writer.append([ann]);
    // All look at once: one of them reads on.
    const looks = await Promise.all([1, 2, 3, 4].map(() => found(reader, "ann")));
    expect(looks).toEqual([[ann], [ann], [ann], [ann]]);
    const bo = keyFor("bo");
    await writer.append([bo]);
    const [looked] = await Promise.all([found(reader, "bo"), reader.refresh()]);
    expect(looked).toEqual([bo]);
  });

  test("finds all keys behind half of one that a power cut left, of any length", async () => {
    for (const length of [1, 7, 64, RECORD_BYTES - 1]) {
      const before = keyFor(`before ${length}`);
      const after = keyFor(`after ${length}`);
      const writer = await openFile();
      await writer.append([before]);
      await appendFile(path, encodeKey(keyFor("torn")).subarray(0, length));
      const reader = await openFile();
      expect(await found(reader, `before ${length}`)).toEqual([before]);
      expect(await found(reader, "torn")).toEqual([]);
      await (await openFile()).append([after]);
      expect(await found(reader, `after ${length}`)).toEqual([after]);
      expect(await found(writer, `after ${length}`)).toEqual([after]);
      expect((await stat(path)).size % RECORD_BYTES).toBe(0);
    }
  });

  test("finds every whole key whatever lies between, and says how much that was", async () => {
    const piece = fc.oneof(
      fc.constant("key" as const),
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      fc.integer({ min: 1, max: RECORD_BYTES - 1 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
        await rm(path, { force: true });
        const keys: WrappedKey[] = [];
        for (const [index, each] of [...pieces, "key" as const].entries()) {
          const key = keyFor(`key ${index}`);
          if (each === "key") keys.push(key);
          const bytes = typeof each === "number" ? encodeKey(key).subarray(0, each) : each;
          await appendFile(path, bytes === "key" ? encodeKey(key) : bytes);
        }
        const file = await openKeyFile(path);
        const seen: WrappedKey[] = [];
        const { damagedBytes } = await file.each((_place, record) => {
          if (record.kind === "key") seen.push(record.key);
        });
        await file.close();
        expect(seen).toEqual(keys);
        expect(damagedBytes).toBe((await stat(path)).size - keys.length * RECORD_BYTES);
      }),
      { numRuns: 60 },
    );
  });

  test("leaves nothing of a key that was overwritten, nor of its name", async () => {
    const file = await openFile();
    const [ann, bo] = [keyFor("ann"), keyFor("bo")];
    await file.append([ann, bo]);
    const [place] = (await file.find([ann.name])).get(ann.name) ?? [];
    await file.overwrite(place?.place ?? -1, null);
    await file.settle();
    const bytes = await readFile(path);
    expect(bytes.includes(Buffer.from(ann.box).subarray(12, 44))).toBe(false);
    expect(bytes.includes(Buffer.from(ann.name, "hex"))).toBe(false);
    expect(await found(file, "ann")).toEqual([]);
    expect(await found(await openFile(), "bo")).toEqual([bo]);
  });

  test("asks the disk once for what many appended, and not at all where nothing is new", async () => {
    const file = await openFile();
    const fsyncs = await countedFsyncs();
    await file.append(Array.from({ length: 1_000 }, (_, number) => keyFor(`key ${number}`)));
    await file.settle();
    expect(fsyncs()).toBe(1);
    await file.settle();
    await file.find([nameOf("key 7")]);
    await file.settle();
    expect(fsyncs()).toBe(1);
  });

  test("waits for the disk before a key counts that another process wrote just now", async () => {
    const [writer, reader] = [await openFile(), await openFile()];
    await writer.append([keyFor("ann")]);
    const fsyncs = await countedFsyncs();
    await reader.find([nameOf("ann")]);
    await reader.settle();
    expect(fsyncs()).toBe(1);
  });

  test("believes no disk that failed once", async () => {
    const file = await openFile();
    const failing = vi.spyOn(await handlePrototype(folder), "datasync");
    failing.mockRejectedValueOnce(new Error("EIO"));
    await file.append([keyFor("ann")]);
    await expect(file.settle()).rejects.toThrow(/did not take/);
    await file.append([keyFor("bo")]);
    await expect(file.settle()).rejects.toThrow(/did not take/);
  });

  test("reads what is there when a key's place was cut off under it", async () => {
    const file = await openFile();
    await file.append([keyFor("ann")]);
    await file.refresh();
    await truncate(path, RECORD_BYTES / 2);
    expect(await found(file, "ann")).toEqual([]);
  });

  async function countedFsyncs(): Promise<() => number> {
    const spy = vi.spyOn(await handlePrototype(folder), "datasync");
    return () => spy.mock.calls.length;
  }
});

describe("the bytes of a key", () => {
  test("are read back, and no altered byte is", () => {
    const key = keyFor("ann");
    const bytes = encodeKey(key);
    expect(bytes.length).toBe(RECORD_BYTES);
    expect(decodeRecord(bytes, 0)).toEqual({ kind: "key", key });
    for (let at = 0; at < RECORD_BYTES; at++) {
      const altered = Buffer.from(bytes);
      altered[at] = (altered[at] ?? 0) ^ 1;
      expect(decodeRecord(altered, 0)).toBeNull();
    }
    expect(decodeRecord(bytes, 1)).toBeNull();
    expect(decodeRecord(encodeWiped(), 0)).toEqual({ kind: "wiped" });
  });
});
