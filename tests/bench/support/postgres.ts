/**
 * A fresh Postgres cluster for one bench, in the system's folder for temporary files: durable as Postgres is by default
 * (fsync, full_page_writes and synchronous_commit on), and sized for the machine, for every contestant alike.
 */

import { existsSync } from "node:fs";
import { totalmem } from "node:os";
import pg from "pg";
import { startPostgres } from "../../support/postgres-server.ts";

/** Where Debian keeps the oldest Postgres that the product supports; its pgbench is there, too. */
const DEBIAN = "/usr/lib/postgresql/15/bin";

export interface BenchPostgres {
  /** Of the database `postgres`, as superuser. */
  readonly url: string;
  readonly version: string;
  /** Of its first process, whose children the others are. */
  readonly pid: number;
  /** Null: the dev dependency's binaries, among which there is no pgbench. */
  readonly binaries: string | null;
  /** An empty database of its own. @returns its URL */
  readonly createDatabase: (name: string) => Promise<string>;
  readonly stop: () => Promise<void>;
}

export async function startBenchPostgres(): Promise<BenchPostgres> {
  const binaries = existsSync(`${DEBIAN}/postgres`) ? DEBIAN : null;
  const settings = [
    `shared_buffers=${sharedBuffersMb()}MB`,
    "max_wal_size=8GB",
    "max_connections=200",
  ];
  const server = await startPostgres({ settings, ...(binaries === null ? {} : { binaries }) });
  const durability = ["fsync", "synchronous_commit", "full_page_writes"];
  for (const setting of durability) {
    const value = await asked(server.url, `show ${setting}`);
    if (value !== "on") throw new Error(`${setting}: expected on, found ${value}`);
  }
  const pid = Number(await asked(server.url, FIRST_PID));
  // A bench that fails before it could stop the server leaves none behind; SIGINT is Postgres's fast shutdown.
  const end = (): void => void process.kill(pid, "SIGINT");
  process.once("exit", end);
  return {
    url: server.url,
    version: await asked(server.url, "show server_version"),
    pid,
    binaries,
    createDatabase: async (name) => {
      await asked(server.url, `create database ${pg.escapeIdentifier(name)}`);
      return new URL(`/${name}`, server.url).href;
    },
    stop: async () => {
      process.off("exit", end);
      await server.stop();
    },
  };
}

const FIRST_PID = String.raw`select split_part(pg_read_file('postmaster.pid'), E'\n', 1)`;

/** The first value of the first row, as text. */
export async function asked(url: string, statement: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<string[]>({ text: statement, rowMode: "array" });
    return rows[0]?.[0] ?? "";
  } finally {
    await client.end();
  }
}

/** A quarter of the memory, as Postgres's manual advises (section 20.4), and no more than a bench can fill. */
function sharedBuffersMb(): number {
  return Math.min(2_048, Math.floor(totalmem() / 2 ** 20 / 4));
}
