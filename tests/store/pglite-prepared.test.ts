/** A prepared statement on PGlite is a transaction of its own, whatever else goes on at its one connection. */

import { setImmediate } from "node:timers";

import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Database } from "../../src/store/database.ts";
import { StoreUnavailable } from "../../src/store/errors.ts";
import { openPgliteInMemory } from "../../src/store/pglite.ts";
import { preparedOn } from "../../src/store/pglite-prepared.ts";
import { pgliteTemplate } from "../support/pglite-template.ts";

let database: Database;

beforeAll(async () => {
  database = await openPgliteInMemory(await pgliteTemplate());
  await sql`create table notes (note text)`.execute(database.db);
});
afterAll(() => database.close());

const note = {
  name: "note",
  text: "insert into notes values ($1::text) returning note as row",
} as const;

const notes = async () => {
  const { rows } = await sql<{ readonly note: string }>`select note from notes`.execute(
    database.db,
  );
  return rows.map((row) => row.note);
};

describe("a prepared statement on PGlite", () => {
  test("waits for the end of a transaction that is open, and is not rolled back with it", async () => {
    const begun = Promise.withResolvers<void>();
    const over = Promise.withResolvers<void>();
    const transaction = database.db.transaction().execute(async (db) => {
      await sql`insert into notes values ('rolled back')`.execute(db);
      begun.resolve();
      await over.promise;
      throw new Error("rolled back");
    });
    await begun.promise;
    const written = database.prepared(note, [Buffer.from("kept")]);
    setImmediate(() => over.resolve());
    await expect(transaction).rejects.toThrow("rolled back");
    expect(await written).toEqual(["kept"]);
    expect(await notes()).toEqual(["kept"]);
  });

  test("runs again after its first run has failed", async () => {
    const echo = { name: "echo", text: "select $1::text as row" };
    await expect(database.prepared(echo, [Buffer.from("a\0b")])).rejects.toThrow("0x00");
    expect(await database.prepared(echo, [Buffer.from("a")])).toEqual(["a"]);
  });

  test("that ends with anything but the database's word may have run", async () => {
    const prepared = preparedOn({
      _runExclusiveTransaction: (work) => work(),
      runExclusive: async (work) => work(),
      execProtocol: () => Promise.reject(new Error("EIO: i/o error, fsync")),
    });
    await expect(prepared(note, [Buffer.from("a")])).rejects.toThrow(StoreUnavailable);
  });
});
