/** Opens PGlite, Postgres inside this process: in a folder that survives any stop, or in memory for tests. */

import { setImmediate } from "node:timers/promises";

import { PGlite, type PGliteOptions } from "@electric-sql/pglite";
import { Kysely, PGliteDialect, type Driver } from "kysely";

import { claimFolder, underAnotherName, type ClaimedFolder } from "./claim-folder.ts";
import type { Database, Tables } from "./database.ts";
import { DurableNodeFs } from "./durable-fs.ts";
import { localSignals } from "./local-signals.ts";
import { migrate } from "./migrate.ts";
import { preparedOn } from "./pglite-prepared.ts";
import { keepPrepared } from "./prepared-folder.ts";
import { syncTree } from "./sync-tree.ts";
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

/** @throws {FolderLocked} while another process has the folder open */
export async function openPgliteFolder(
  folder: string,
  claimed: Promise<ClaimedFolder> = claimFolder(folder),
): Promise<Database> {
  const claim = await claimed;
  try {
    const pglite = await startIn(claim);
    const database = await databaseOn(pglite);
    const close = async () => {
      await database.close();
      await claim.lock.release();
    };
    return { ...database, close };
  } catch (error) {
    await claim.lock.release();
    throw error;
  }
}

/** @param template a data folder as `PGlite.dumpDataDir` gives it, to start from in a tenth of the time */
export async function openPgliteInMemory(template?: Blob): Promise<Database> {
  const start = template === undefined ? {} : { loadDataDir: template };
  return databaseOn(await PGlite.create({ parsers, ...start }));
}

/**
 * PGlite serves one database. Those that others would be copied from are six of ten files in a fresh folder, and to write
 * these is most of a first start. PostgreSQL documentation, 22.3 Template Databases: both may go.
 */
const WITHOUT_TEMPLATES: readonly string[] = [
  "update pg_database set datistemplate = false where datname like 'template_'",
  "drop database template0",
  "drop database template1",
];

/** What `unpackPrepared` unpacks: a database in which everything is migrated, and nothing stored. */
export async function prepareFolder(kept?: string): Promise<void> {
  const pglite = await PGlite.create({ parsers });
  const database = await databaseOn(pglite);
  await migrate(database);
  for (const statement of WITHOUT_TEMPLATES) await pglite.query(statement);
  // What follows the last checkpoint would have to be recovered at each first start.
  await pglite.query("checkpoint");
  await keepPrepared(await pglite.dumpDataDir("none"), kept);
  await database.close();
}

async function startIn({ data, placed, code }: ClaimedFolder): Promise<PGlite> {
  if (!(await placed)) await underAnotherName(data, made);
  const pgliteWasmModule = await code;
  return PGlite.create({
    ...durable(data),
    ...(pgliteWasmModule === null ? {} : { pgliteWasmModule }),
  });
}

/** The first database is written without fsync. */
async function made(folder: string): Promise<boolean> {
  await (await PGlite.create(durable(folder))).close();
  await syncTree(folder);
  return true;
}

function durable(folder: string): PGliteOptions {
  return { fs: new DurableNodeFs(folder), startParams: [...durableParams], parsers };
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
