/** Opens PGlite, Postgres inside this process: in a folder that survives any stop, or in memory for tests. */

import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";

import { PGlite, type PGliteOptions } from "@electric-sql/pglite";
import { Kysely, PGliteDialect, type Driver } from "kysely";

import type { Database, Tables } from "./database.ts";
import { DurableNodeFs } from "./durable-fs.ts";
import { lockFolder } from "./folder-lock.ts";
import { localSignals } from "./local-signals.ts";
import { migrate } from "./migrate.ts";
import { preparedOn } from "./pglite-prepared.ts";
import { keepPrepared, unpackPrepared } from "./prepared-folder.ts";
import { parsers } from "./timestamp.ts";

/**
 * PGlite starts with fsync off (`-F`). Turning it on is not enough: the default method, fdatasync, does nothing in
 * Emscripten, so every commit is made durable by fsync (seen with strace: one fsync per commit).
 */
const durableParams: readonly string[] = [
  ...PGlite.defaultStartParams.filter((param) => param !== "-F"),
  "-c",
  "wal_sync_method=fsync",
];

/** As many as Node has threads for files: a disk takes syncs together that wait for it together. */
const SYNCERS = 4;

/** Puts a fresh database into a folder that is not there yet; false: it has to be made. */
type Unpack = (folder: string) => Promise<boolean>;

/** @throws {FolderLocked} while another process has the folder open */
export async function openPgliteFolder(
  folder: string,
  unpack: Unpack = unpackPrepared,
): Promise<Database> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const lock = await lockFolder(folder);
  try {
    const pglite = await startIn(folder, unpack);
    const database = await databaseOn(pglite);
    const close = async () => {
      await database.close();
      await lock.release();
    };
    return { ...database, close };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** @param template a data folder as `PGlite.dumpDataDir` gives it, to start from in a tenth of the time */
export async function openPgliteInMemory(template?: Blob): Promise<Database> {
  const start = template === undefined ? {} : { loadDataDir: template };
  return databaseOn(await PGlite.create({ parsers, ...start }));
}

/** What `unpackPrepared` unpacks: a database in which everything is migrated, and nothing stored. */
export async function prepareFolder(kept?: string): Promise<void> {
  const pglite = await PGlite.create({ parsers });
  const database = await databaseOn(pglite);
  await migrate(database);
  // What follows the last checkpoint would have to be recovered at each first start.
  await pglite.query("checkpoint");
  await keepPrepared(await pglite.dumpDataDir("none"), kept);
  await database.close();
}

async function startIn(folder: string, unpack: Unpack): Promise<PGlite> {
  const data = join(folder, "pglite");
  if (!existsSync(data)) await initialise(folder, data, unpack);
  return PGlite.create(durable(data));
}

/** A first start that is interrupted leaves a folder that can't be opened: it happens under another name. */
async function initialise(folder: string, data: string, unpack: Unpack): Promise<void> {
  const draft = `${data}.new`;
  await rm(draft, { recursive: true, force: true });
  if (!(await unpack(draft))) await (await PGlite.create(durable(draft))).close();
  await syncTree(draft);
  await rename(draft, data);
  await sync(folder);
}

function durable(folder: string): PGliteOptions {
  return { fs: new DurableNodeFs(folder), startParams: [...durableParams], parsers };
}

/** The first database is written without fsync; after this it is on the disk, names included. */
async function syncTree(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const rest = entries.filter((entry) => entry.isFile() || entry.isDirectory()).values();
  const syncer = async (): Promise<void> => {
    for (const { parentPath, name } of rest) await sync(join(parentPath, name));
  };
  await Promise.all(Array.from({ length: SYNCERS }, syncer));
  await sync(folder);
}

async function sync(path: string): Promise<void> {
  await using handle = await open(path, "r");
  await handle.sync();
}

async function databaseOn(pglite: PGlite): Promise<Database> {
  const db = new Kysely<Tables>({ dialect: new YieldingDialect({ pglite }) });
  return {
    kind: "pglite",
    db,
    prepared: preparedOn(pglite),
    migrating: (work) => work(db),
    signals: localSignals(),
    connections: () => null,
    ping: async () => {
      if (pglite.closed) throw new Error("The embedded database is closed.");
      await pglite.query("select 1");
    },
    close: async () => {
      await db.destroy();
      if (!pglite.closed) await pglite.close();
    },
  };
}

/**
 * PGlite answers without ever leaving the microtask queue: work of many transactions (a test clock's month of timers, a
 * long replay) would keep sockets, signals and the folder lock's heartbeat waiting until its end.
 */
class YieldingDialect extends PGliteDialect {
  override createDriver(): Driver {
    const driver: Driver = super.createDriver();
    const acquire = driver.acquireConnection.bind(driver);
    driver.acquireConnection = async (options) => {
      await setImmediate();
      return acquire(options);
    };
    return driver;
  }
}
