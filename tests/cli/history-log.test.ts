/** `sevenstep log`: heads, keys, checkpoints that were kept outside, and keys that follow each other. */

import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { signCheckpoint } from "../../src/audit/log/checkpoint.ts";
import { parseSignerKey, signerOf } from "../../src/audit/log/note-key.ts";
import { historyLogCommand } from "../../src/cli/history-log.ts";
import { checkpointFileAt } from "../../src/keys/checkpoint-file.ts";
import { logKeyFile } from "../../src/keys/log-key-file.ts";
import { createGrowing, createKeeping } from "../../src/runtime/log-loop.ts";
import { systemClock, systemRandom } from "../../src/runtime/platform.ts";
import type { Database } from "../../src/store/database.ts";
import { openPostgres } from "../../src/store/postgres.ts";
import { storeOn } from "../../src/store/store-on.ts";
import { advance, numbers } from "../store/fixtures.ts";
import { createDatabase } from "../support/databases.ts";
import { run } from "./fake-terminal.ts";

let folder = "";
let created: Awaited<ReturnType<typeof createDatabase>>;
const at = (name: string): string => join(folder, name);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sevenstep-log-"));
  vi.stubEnv("SEVENSTEP_DATA", folder);
  created = await createDatabase();
  vi.stubEnv("DATABASE_URL", created.url);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await created.drop();
  await rm(folder, { recursive: true, force: true });
});

async function inDatabase(work: (database: Database) => Promise<unknown>): Promise<void> {
  const database = openPostgres(created.url);
  try {
    await work(database);
  } finally {
    await database.close();
  }
}

/** A server that lives as long as it takes to sign so many entries more, one by one. */
async function signed(count: number): Promise<readonly string[]> {
  const said: string[] = [];
  const say = (_fields: object, message: string): number => said.push(message);
  await inDatabase(async (database) => {
    const store = storeOn(database);
    await store.migrate();
    const ports = {
      ...{ store, bus: { publish: () => {} }, clock: systemClock, random: systemRandom },
      ...{ signer: logKeyFile(at("log-key")), file: checkpointFileAt(at("checkpoints")) },
      log: { info: () => {}, warn: say, error: say },
    };
    const keep = createKeeping(ports);
    for (const _ of numbers(count)) {
      await advance(store, "o1");
      await store.feed.sequence(10);
      const grow = createGrowing(ports);
      while ((await grow(new AbortController().signal)) === 0);
      await keep();
    }
  });
  return said;
}

const log = (...args: readonly string[]) => run(historyLogCommand, args);

async function keyNow(): Promise<string> {
  const key = parseSignerKey((await readFile(at("log-key"), "utf8")).trim());
  if (key === null) throw new Error("expected a key");
  return key.verifier.text;
}

describe("sevenstep log", () => {
  test("tells of an empty log, and then what it has", async () => {
    expect((await log()).output).toBe("The log is empty: no server has signed it yet.\n");
    await signed(2);
    const { output } = await log();
    const newest = (await readFile(at("checkpoints"), "utf8")).split("\n").slice(7, 14).join("\n");
    expect(output).toContain("entries: 2\n");
    expect(output).toContain("not signed yet: 0\n");
    expect(output.endsWith(`\n\n${newest}`)).toBe(true);
    expect((await log("keys")).output).toBe(`${await keyNow()}\n  since entry 1, the first\n`);
  });

  test("gives the log another key for which the one before vouches", async () => {
    await signed(2);
    const first = await keyNow();
    expect((await log("rotate")).code).toBe(0);
    const second = await keyNow();
    expect(second).not.toBe(first);
    expect((await log("keys")).output).toBe(
      `${first}\n  since entry 1, the first\n${second}\n  since entry 3, vouched for by the one before\n`,
    );
    await signed(1);
    // Whoever kept the first key believes the second; whoever kept the second does not take what was before it.
    const check = await log("check", at("checkpoints"), "--key", first);
    expect([check.code, check.output]).toEqual([0, "3 checkpoints: all agree\n"]);
    const later = await log("check", at("checkpoints"), "--key", second);
    expect([later.code, later.output.split("\n").length]).toEqual([1, 4]);
    expect(later.output).toContain("is signed by no key of this log that is trusted");
    expect((await log("rotate", "--lost")).complaint).toContain("the log's current key is here");
  });

  test("gives it one for which nobody vouches where the current one is lost", async () => {
    await signed(1);
    const first = await keyNow();
    await rm(at("log-key"));
    expect(await signed(1)).toEqual([expect.stringContaining("this server does not sign the log")]);
    expect((await log("rotate")).complaint).toContain("is not in this server's file");
    const { code, output } = await log("rotate", "--lost");
    expect(code).toBe(0);
    expect(output).toContain("Nobody vouches for it");
    expect(await signed(1)).toEqual([]);
    const check = await log("check", at("checkpoints"), "--key", first);
    expect([check.code, check.output]).toEqual([
      1,
      expect.stringContaining("2 checkpoints: 1 do not agree"),
    ]);
    expect((await log("check", at("checkpoints"))).output).toContain(
      "2 checkpoints: all agree\nNo --key",
    );
  });

  test("finds checkpoints of a log that went back, and of one that was rewritten", async () => {
    await signed(2);
    const secret = (await readFile(at("log-key"), "utf8")).trim();
    const key = parseSignerKey(secret);
    if (key === null) throw new Error("expected a key");
    const { name: origin, text } = key.verifier;
    const made = { origin, root: new Uint8Array(32), time: "2026-03-02T08:00:00.000Z" };
    const forged = signerOf(origin, new Uint8Array(32));
    const notes = [
      signCheckpoint({ ...made, size: 3 }, key),
      signCheckpoint({ ...made, size: 1 }, key),
      signCheckpoint({ ...made, size: 1 }, forged),
    ];
    await writeFile(at("outside"), `half a line\n\n${notes.join("\n")}`);
    const { code, output } = await log("check", at("outside"), "--key", text);
    expect(code).toBe(1);
    expect(output.split("\n").map((line) => line.replace(/^.*Z: /, ""))).toEqual([
      "the log has fewer entries: it went back",
      "the log has other entries: it was rewritten",
      "is signed by no key of this log that is trusted",
      "3 checkpoints: 3 do not agree",
      "",
    ]);
    await inDatabase(({ db }) => sql`delete from log_tiles`.execute(db));
    const gone = await log("check", at("checkpoints"), "--key", text);
    expect(gone.output).toContain("it was rewritten");
  });

  test("refuses keys and files that are none", async () => {
    await signed(1);
    await appendFile(at("empty"), "nothing");
    expect((await log("check", at("empty"))).complaint).toContain("expected checkpoints in");
    expect((await log("check", at("empty"), "--key", "k")).code).toBe(1);
    expect((await log("burn")).code).toBe(1);
  });
});
