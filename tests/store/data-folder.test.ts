/** The embedded database's folder: one process at a time, and nothing acknowledged is lost when it is killed. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, statSync, utimesSync } from "node:fs";
import promises, { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";

import { FolderLocked } from "../../src/store/errors.ts";
import { lockFolder } from "../../src/store/folder-lock.ts";
import { thisProcess } from "../../src/store/lock-holder.ts";
import { openStore } from "../../src/store/open.ts";
import { countFsyncs } from "../support/counting-fsync.ts";
import { advance, everything, numbers } from "./fixtures.ts";

let folder = "";
/** A folder with a migrated, empty database in it: most tests start from a copy. */
let seed = "";

beforeAll(async () => {
  seed = await mkdtemp(join(tmpdir(), "sevenstep-seed-"));
  const store = await openStore({ dataFolder: seed });
  await store.migrate();
  await store.close();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sevenstep-data-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
afterAll(() => rm(seed, { recursive: true, force: true }));

describe("the data folder", () => {
  test("keeps every acknowledged revision through kill -9, again and again", async () => {
    await plant();
    let acknowledged = 0;
    for (const round of numbers(3)) {
      acknowledged = await writeAndKill(folder, acknowledged + 20 * round);
    }
    const store = await openStore({ dataFolder: folder });
    const order = await store.orders.get("o1", everything);
    const page = { after: 0, limit: 10_000 };
    const history = await store.orders.history("o1", page, everything);
    await store.close();
    expect(order?.revision).toBeGreaterThanOrEqual(acknowledged);
    expect(history.map(({ revision }) => revision)).toEqual(numbers(order?.revision ?? 0));
    expect(history.at(-1)?.hash).toBe(order?.lastHash);
  });

  test("is refused to a second process while it is open, by the first one's pid", async () => {
    await plant();
    const writer = startWriter(folder);
    await writer.reached(1);
    const refused = openStore({ dataFolder: folder });
    await expect(refused).rejects.toThrow(FolderLocked);
    await expect(openStore({ dataFolder: folder })).rejects.toThrow(`process ${writer.pid}`);
    await writer.kill();
  });

  test("opens again after it was closed, and what was interrupted at the first start is no hindrance", async () => {
    await mkdir(join(folder, "pglite.new", "base"), { recursive: true });
    await writeFile(join(folder, "pglite.new", "PG_VERSION"), "18");
    for (const revision of numbers(2)) {
      const store = await openStore({ dataFolder: folder });
      await store.migrate();
      expect(await advance(store, "o1")).toBe(revision);
      await store.close();
    }
    expect(existsSync(join(folder, "pglite.new"))).toBe(false);
  });

  test("a commit is on the disk before it is acknowledged", async () => {
    await plant();
    const store = await openStore({ dataFolder: folder });
    const { count, stop } = countFsyncs();
    for (const _ of numbers(5)) {
      const before = count();
      await advance(store, "o1");
      expect(count()).toBeGreaterThan(before);
    }
    stop();
    await store.close();
  });
});

describe("the lock of a folder", () => {
  test("is taken over when only the holder's pid came round again", async () => {
    const own = await thisProcess();
    for (const [index, other] of [{ started: "1" }, { boot: "another" }].entries()) {
      await writeFile(join(folder, `lock.${2 * index + 1}`), JSON.stringify({ ...own, ...other }));
      await (await lockFolder(folder)).release();
    }
    await writeFile(join(folder, "lock.9"), JSON.stringify(own));
    await expect(lockFolder(folder)).rejects.toThrow("this very process");
  });

  test("of a process that can't be looked up is its own while it is touched, and no longer", async () => {
    const path = join(folder, "lock.1");
    await writeFile(path, JSON.stringify({ ...(await thisProcess()), host: "elsewhere", pid: 7 }));
    const beating = setInterval(() => utimesSync(path, new Date(), new Date()), 500);
    await expect(lockFolder(folder)).rejects.toThrow("process 7 on elsewhere");
    clearInterval(beating);
    await (await lockFolder(folder)).release();
  });

  test("is touched by who holds it", async () => {
    const lock = await lockFolder(folder);
    const touched = () => statSync(join(folder, "lock.1")).mtimeMs;
    const first = touched();
    await expect.poll(touched).toBeGreaterThan(first);
    await lock.release();
  });

  test.each(['{"pid":', "", "free\n", "null", '{"pid":"1"}'])(
    "is free when it holds %j",
    async (text) => {
      await writeFile(join(folder, "lock.1"), text);
      await (await lockFolder(folder)).release();
    },
  );

  test("made from an old sight of the folder is given up for the higher one", async () => {
    await writeFile(join(folder, "lock.1"), "left behind");
    await writeFile(join(folder, "lock.3"), JSON.stringify(await thisProcess()));
    const lookedLongAgo = vi.spyOn(promises, "readdir").mockResolvedValueOnce(Object(["lock.1"]));
    syncBuiltinESMExports();
    await expect(lockFolder(folder)).rejects.toThrow("this very process");
    lookedLongAgo.mockRestore();
    syncBuiltinESMExports();
    expect(readdirSync(folder)).toEqual(["lock.1", "lock.3"]);
  });

  test("of a dead process goes to one of twenty who want it at once", async () => {
    await writeFile(join(folder, "lock.1"), "left behind");
    for (const round of numbers(20)) {
      const takers = await Promise.allSettled(numbers(20).map(() => lockFolder(folder)));
      const holders = takers.filter((taker) => taker.status === "fulfilled");
      expect(holders).toHaveLength(1);
      expect(readdirSync(folder)).toEqual([`lock.${round + 1}`]);
      await holders[0]?.value.release();
    }
  });
});

async function plant(): Promise<void> {
  await cp(join(seed, "pglite"), join(folder, "pglite"), { recursive: true });
}

async function writeAndKill(dataFolder: string, until: number): Promise<number> {
  const writer = startWriter(dataFolder);
  await writer.reached(until);
  return writer.kill();
}

function startWriter(dataFolder: string) {
  const script = new URL("folder-writer.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [script, dataFolder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let last = 0;
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => (last = Number(line)));
  return {
    pid: child.pid,
    reached: async (revision: number) => {
      while (last < revision) await once(lines, "line");
    },
    /** @returns the last revision that was acknowledged */
    kill: async () => {
      child.kill("SIGKILL");
      await once(child, "close");
      return last;
    },
  };
}
