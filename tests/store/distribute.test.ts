/** The script for Citus, held against the schema that the migrations make and the statements that orders are moved by. */

import { sql } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { createRebuild } from "../../src/audit/rebuild.ts";
import type { Db, Tables } from "../../src/store/database.ts";
import { distributionScript, placements, type Placement } from "../../src/store/distribute.ts";
import { openPostgres } from "../../src/store/postgres.ts";
import { storeOn } from "../../src/store/store-on.ts";
import {
  ADMIN,
  CLERK,
  COURIER,
  createParcel,
  granted,
  parcelServer,
  type Server,
} from "../runtime/engine.ts";
import { createDatabase } from "../support/databases.ts";
import { scansOf } from "./scans.ts";

let created: Awaited<ReturnType<typeof createDatabase>>;
const opened: { readonly close: () => Promise<void> }[] = [];

beforeAll(async () => {
  created = await createDatabase();
  const database = openPostgres(created.url);
  opened.push(database);
  await storeOn(database).migrate();
});
afterAll(async () => {
  await Promise.all(opened.map(({ close }) => close()));
  await created.drop();
});

/** Rows of the catalogue of the migrated schema. */
async function catalogue<Row>(query: (db: Db) => Promise<{ readonly rows: Row[] }>) {
  const database = openPostgres(created.url);
  try {
    return (await query(database.db)).rows;
  } finally {
    await database.close();
  }
}

function placementOf(table: string): Placement {
  const found = Object.entries(placements).find(([name]) => name === table);
  if (found === undefined) throw new Error(`expected a place for ${table}, found none`);
  return found[1];
}

function columnOf(table: string): string | null {
  const placement = placementOf(table);
  return "column" in placement ? placement.column : null;
}

describe("the distribution", () => {
  test("names every table of the schema once", async () => {
    const rows = await catalogue((db) =>
      sql<{ readonly name: string }>`
        select relname::text as name from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
          and relname not like 'kysely%' order by relname collate "C"`.execute(db),
    );
    const tables = rows.map(({ name }) => name);
    expect(Object.keys(placements).toSorted()).toEqual(tables);
    const named = [...distributionScript(32).matchAll(/^select \w+\('(\w+)'/gm)];
    expect(named.map(([, name]) => name ?? "").toSorted()).toEqual(tables);
  });

  test("has its column in every key and unique index of a table that is spread", async () => {
    const rows = await catalogue((db) =>
      sql<{ readonly table: string; readonly index: string; readonly columns: readonly string[] }>`
        select indrelid::regclass::text as "table", indexrelid::regclass::text as index,
          array(select attname::text from pg_attribute
            where attrelid = indrelid and attnum = any(indkey)) as columns
        from pg_index join pg_class on pg_class.oid = indrelid
        where relnamespace = 'public'::regnamespace and indisunique and not relispartition
          and relname not like 'kysely%'`.execute(db),
    );
    expect(rows.length).toBeGreaterThan(20);
    const without = rows.filter(({ table, columns }) => {
      const column = columnOf(table);
      return column !== null && !columns.includes(column);
    });
    expect(without).toEqual([]);
  });

  test("lets no foreign key cross from what is copied to what is spread", async () => {
    const rows = await catalogue((db) =>
      sql<{ readonly from: string; readonly to: string }>`
        select conrelid::regclass::text as "from", confrelid::regclass::text as "to"
        from pg_constraint where contype = 'f'`.execute(db),
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const { to } of rows) expect([to, placementOf(to).kind]).toEqual([to, "reference"]);
  });

  test("puts all of an order into one shard", () => {
    const script = distributionScript(64);
    const spread = Object.entries(placements).filter(([, { kind }]) => kind === "order");
    for (const [table] of spread) {
      const statement = script.split("\n").find((line) => line.includes(`('${table}'`));
      expect(statement).toContain(
        table === "orders" ? "shard_count => 64" : "colocate_with => 'orders'",
      );
    }
  });

  test("finds its column bound in every statement that reads or moves an order", async () => {
    const statements = await statementsOf(async (server) => {
      const { engine } = server;
      const key = (name: string) => ({ idempotency: { key: name, fingerprint: name } });
      const { id } = await createParcel(server, { centre: "sh-01" });
      const send = async (type: string, payload = {}, caller = CLERK, more = {}) =>
        engine.orders.send(caller, id, { type, payload }, more);
      granted(await send("WEIGH", { weight: 2 }, CLERK, key("one")));
      granted(await send("WEIGH", { weight: 2 }, CLERK, key("one")));
      granted(await send("NOTE", { note: "n1", text: "ring twice" }));
      granted(await send("CLOSE_NOTE", { note: "n1" }));
      await send("DELIVER", {}, COURIER, key("two"));
      await engine.orders.preview(CLERK, id, { type: "HAND_OVER", payload: {} });
      granted(await send("HAND_OVER"));
      for (const type of ["BREAK", "REPAIR", "CALL_OFF"]) await send(type);
      granted(await engine.orders.view(CLERK, id));
      granted(await engine.orders.history(CLERK, id, { after: 0, limit: 50 }));
      granted(await engine.orders.at(CLERK, id, { revision: 2 }));
      granted(await engine.orders.verify(ADMIN, id));
    });
    expect(statements.length).toBeGreaterThan(10);
    expect(statements.filter((text) => text.includes("insert into entries"))).not.toEqual([]);
    const unbound = new Map<string, readonly string[]>();
    for (const text of statements) {
      const scans = await scansOf(created.url, text);
      const open = scans.filter(({ table, bound }) => {
        const column = isTable(table) ? columnOf(table) : null;
        return column !== null && !bound.includes(column);
      });
      if (open.length > 0)
        unbound.set(
          text,
          open.map(({ table }) => table),
        );
    }
    expect(Object.fromEntries(unbound)).toEqual({});
  });

  test("would see a statement that looks through all shards", async () => {
    expect(await scansOf(created.url, "select line from entries where type = $1")).toEqual([
      { table: "entries", bound: ["type"] },
    ]);
    const joined = `delete from timers using unnest($1::text[]) as gone (id) where timers.id = gone.id`;
    expect(await scansOf(created.url, joined)).toContainEqual({ table: "timers", bound: ["id"] });
  });
});

function isTable(name: string): name is keyof Tables {
  return Object.hasOwn(placements, name);
}

/** Texts of the statements that a server sends to move and read orders, each once. */
async function statementsOf(work: (server: Server) => Promise<void>): Promise<readonly string[]> {
  const open = async () => {
    const database = openPostgres(created.url);
    opened.push(database);
    return storeOn(database, { rebuild: createRebuild() });
  };
  const server = await parcelServer(open);
  const sent = vi.spyOn(pg.Client.prototype, "query");
  try {
    await work(server);
    const texts = sent.mock.calls.flatMap(([query]: readonly unknown[]) => textIn(query));
    return [...new Set(texts)].filter((text) =>
      /^\s*(select|insert|update|delete|with)\b/i.test(text),
    );
  } finally {
    sent.mockRestore();
  }
}

function textIn(query: unknown): readonly string[] {
  if (typeof query === "string") return [query];
  if (typeof query !== "object" || query === null || !("text" in query)) return [];
  return typeof query.text === "string" ? [query.text] : [];
}
