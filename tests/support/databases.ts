/** Runs one suite on both databases: PGlite in memory and a real Postgres server, a fresh one of each per suite. */

import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import { text } from "node:stream/consumers";

import { sql } from "kysely";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, inject } from "vitest";

import type { Database } from "../../src/store/database.ts";
import { splitTable } from "../../src/store/partitions/split-table.ts";
import { splitTables } from "../../src/store/partitions/split-tables.ts";
import { openPgliteInMemory } from "../../src/store/pglite.ts";
import { openPostgres } from "../../src/store/postgres.ts";
import type { Ports, Store } from "../../src/store/store.ts";
import { storeOn } from "../../src/store/store-on.ts";
import { pgliteTemplate } from "./pglite-template.ts";

/**
 * Opens a store on the suite's database, migrated, and empty at the start of each test; the harness closes it.
 * Opened again in one test it is a second server on the same database.
 */
export type OpenStore = (ports?: Ports) => Promise<Store>;

/** The suite's database itself, for what no store does. */
export type OpenDatabase = () => Promise<Database>;

export type Kind = Store["kind"];

/** One database for one suite. */
interface TestDatabase {
  readonly open: () => Promise<Database>;
  readonly drop: () => Promise<void>;
}

const KINDS = ["pglite", "postgres"] as const;

/** Those that TEST_DATABASES names; absent: all. */
function wantedKinds(): readonly Kind[] {
  const named = process.env["TEST_DATABASES"]?.split(",") ?? KINDS;
  const wanted = KINDS.filter((kind) => named.includes(kind));
  if (wanted.length === named.length) return wanted;
  throw new Error(`TEST_DATABASES: expected names of ${KINDS.join(", ")}, found ${named.join()}`);
}

export function describeOnDatabases(
  name: string,
  suite: (open: OpenStore, kind: Kind, raw: OpenDatabase) => void,
): void {
  describe.each(wantedKinds())(`${name} (%s)`, (kind) => {
    let database: TestDatabase | null = null;
    let first: Database | null = null;
    const opened: Database[] = [];

    beforeAll(async () => {
      database = kind === "pglite" ? await inMemory() : await onServer();
      first = await database.open();
      await storeOn(first).migrate();
      await partitioned(first);
    });
    beforeEach(async () => {
      if (first !== null) await empty(first);
    });
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((each) => each.close()));
    });
    afterAll(async () => {
      await first?.close();
      await database?.drop();
    });

    const raw: OpenDatabase = async () => {
      if (database === null) throw new Error("open the store inside a test or a beforeEach");
      const another = await database.open();
      opened.push(another);
      return another;
    };
    suite(async (ports) => storeOn(await raw(), ports, LAYOUT), kind, raw);
  });
}

/** As TEST_DISTRIBUTED has it: orders that are written each by itself keep every promise, too. */
const LAYOUT = { isDistributed: process.env["TEST_DISTRIBUTED"] === "true" };

/** As TEST_PARTITIONS has it: every suite must hold on partitions too. */
async function partitioned({ migrating }: Database): Promise<void> {
  const into = Number(process.env["TEST_PARTITIONS"] ?? "1");
  if (into === 1) return;
  await migrating(async (db) => {
    for (const table of await splitTables(db)) await splitTable(db, table, into, () => {});
  });
}

/** PGlite has one connection: every store of the suite shares it, and it ends with the suite. */
async function inMemory(): Promise<TestDatabase> {
  const shared = await openPgliteInMemory(await pgliteTemplate());
  return {
    open: () => Promise.resolve({ ...shared, close: () => Promise.resolve() }),
    drop: shared.close,
  };
}

async function onServer(): Promise<TestDatabase> {
  const created = await createDatabase();
  return { open: () => Promise.resolve(openPostgres(created.url)), drop: created.drop };
}

/** An empty database of its own on the run's Postgres server. */
export async function createDatabase(): Promise<{
  readonly url: string;
  readonly drop: () => Promise<void>;
}> {
  const server = await postgresUrl();
  const name = `sevenstep_${randomUUID().replaceAll("-", "")}`;
  await onServerItself(server, `create database ${name} template template0 encoding 'UTF8'`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () => onServerItself(server, `drop database ${name} with (force)`),
  };
}

/** URL of a database on the run's Postgres server, as a user who may create databases. */
async function postgresUrl(): Promise<string> {
  const socket = connect(inject("postgresPort"), "127.0.0.1");
  const url = await text(socket);
  if (url === "") throw new Error("expected the URL of a Postgres server: see the error above");
  return url;
}

async function onServerItself(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function empty({ db }: Database): Promise<void> {
  const { rows } = await sql<{ readonly name: string }>`
    select tablename as name from pg_tables
    where schemaname = current_schema() and tablename not like 'kysely%'`.execute(db);
  await sql`truncate ${sql.join(rows.map((row) => sql.table(row.name)))}`.execute(db);
}
