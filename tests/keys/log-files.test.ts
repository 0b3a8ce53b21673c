/** What of the log lies in files: its key, made once and followed safely, and checkpoints that survive a torn end. */

import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { signCheckpoint } from "../../src/audit/log/checkpoint.ts";
import { signerOf } from "../../src/audit/log/note-key.ts";
import { checkpointFileAt } from "../../src/keys/checkpoint-file.ts";
import { logKeyFile } from "../../src/keys/log-key-file.ts";
import { numbers } from "../store/fixtures.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sevenstep-log-files-"));
});
afterEach(() => rm(folder, { recursive: true }));

const key = (seed: number) => signerOf("sevenstep/test", new Uint8Array(32).fill(seed));

function note(size: number): string {
  const made = { origin: "sevenstep/test", root: new Uint8Array(32), size };
  return signCheckpoint({ ...made, time: "2026-03-02T08:00:00.000Z" }, key(1));
}

describe("a log's key file", () => {
  test("is made once by whoever is first, and read by its owner alone", async () => {
    const path = join(folder, "deeper", "log-key");
    expect(await logKeyFile(path).read()).toBeNull();
    const made = await Promise.all(numbers(8).map((seed) => logKeyFile(path).make(key(seed))));
    expect(new Set(made.map(({ secret }) => secret)).size).toBe(1);
    expect((await logKeyFile(path).read())?.secret).toBe(made[0]?.secret);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, "deeper"))).toEqual(["log-key"]);
  });

  test("gives way to the key that follows, and is kept beside it", async () => {
    const file = logKeyFile(join(folder, "log-key"));
    await file.make(key(1));
    await file.keepNext(key(2));
    await file.keepNext(key(3));
    expect((await file.read())?.secret).toBe(key(1).secret);
    expect((await file.readNext())?.secret).toBe(key(3).secret);
    await file.takeNext();
    expect((await file.read())?.secret).toBe(key(3).secret);
    expect(await file.readNext()).toBeNull();
    const kept = await readFile(join(folder, `log-key.${key(1).verifier.id}`), "utf8");
    expect(kept.trim()).toBe(key(1).secret);
  });

  test("that holds something else is not written over", async () => {
    const path = join(folder, "log-key");
    await writeFile(path, key(1).verifier.text);
    await expect(logKeyFile(path).read()).rejects.toThrow("expected the log's key in");
    await expect(logKeyFile(path).make(key(2))).rejects.toThrow("expected the log's key in");
    expect(await readFile(path, "utf8")).toBe(key(1).verifier.text);
  });
});

describe("a file of checkpoints", () => {
  test("holds notes with an empty line behind each, and knows the last", async () => {
    const path = join(folder, "deeper", "checkpoints");
    const file = checkpointFileAt(path);
    expect(await file.newest()).toBeNull();
    await file.append([note(1), note(2)]);
    await file.append([note(3)]);
    expect(await readFile(path, "utf8")).toBe(`${note(1)}\n${note(2)}\n${note(3)}\n`);
    expect((await file.newest())?.size).toBe(3);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test("knows the last whole one wherever the end is torn, and goes on behind it", async () => {
    const whole = `${note(2)}\n`;
    for (const cut of numbers(whole.length - 1)) {
      const path = join(folder, `torn-${cut}`);
      const file = checkpointFileAt(path);
      await file.append([note(1)]);
      await appendFile(path, whole.slice(0, cut));
      const isWhole = cut >= whole.length - 1;
      expect([cut, (await file.newest())?.size]).toEqual([cut, isWhole ? 2 : 1]);
      if (cut % 40 !== 0) continue;
      await file.append([note(3)]);
      expect((await file.newest())?.size).toBe(3);
    }
  });

  test("is read from its end, however long it grows", async () => {
    const file = checkpointFileAt(join(folder, "checkpoints"));
    await file.append(numbers(1_000).map(note));
    expect((await file.newest())?.size).toBe(1_000);
  });
});
