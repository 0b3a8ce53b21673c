/** The script for Citus, held against the schema that the migrations make and the statements that orders are moved by. */

import { sql } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { createRebuild } from "../../src/audit/rebuild.ts";
import type { NewWebhook } from "../../src/store/contracts/webhooks.ts";
import type { Database, Db } from "../../src/store/database.ts";
import { distributionScript, placements } from "../../src/store/distribute.ts";
import { openPostgres } from "../../src/store/postgres.ts";
import type { Store } from "../../src/store/store.ts";
import { storeOn, type Layout } from "../../src/store/store-on.ts";
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
import { columnOf, placementOf, verdictOn, type Verdict } from "./citus-verdict.ts";
import { everything } from "./fixtures.ts";
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
    const statements = await statementsOf(lives);
    expect(statements.length).toBeGreaterThan(10);
    expect(statements.filter((text) => text.includes("insert into entries"))).not.toEqual([]);
    const unbound = new Map<string, readonly string[]>();
    for (const text of statements) {
      const scans = await scansOf(created.url, text);
      const open = scans.filter(({ table, bound }) => {
        const column = columnOf(table);
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
    expect(await scansOf(created.url, "select line from entries where type = $1")).toMatchObject([
      { table: "entries", bound: ["type"] },
    ]);
    const joined = `delete from timers using unnest($1::text[]) as gone (id) where timers.id = gone.id`;
    expect(await scansOf(created.url, joined)).toContainEqual(
      expect.objectContaining({ table: "timers", bound: ["id"] }),
    );
  });
});

describe("a store of distributed orders", () => {
  test("moves and reads an order by statements for the coordinator or for one shard", async () => {
    const hook = { ...HOOK, id: "all", events: ["*"] };
    await storeOn(beside()).webhooks.create(hook, 9);
    const statements = await statementsOf(lives, { isDistributed: true });
    const verdicts = await verdictsOn(statements);
    expect(verdicts.filter(([verdict]) => !ROUTED.has(verdict))).toEqual([]);
    for (const table of ["orders", "entries", "timers", "jobs", "outbox", "deliveries"]) {
      const written = verdicts.filter(([, text]) =>
        new RegExp(`^(insert into|update|delete from) "?${table}"?\\b`).test(text),
      );
      expect([table, written.length > 0]).toEqual([table, true]);
    }
  });

  test("does not write as others do, whose batches Citus refuses", async () => {
    const verdicts = await verdictsOn(await statementsOf(lives));
    expect(verdicts.filter(([, text]) => text.includes("with input as"))).not.toEqual([]);
    for (const [verdict, text] of verdicts) {
      if (text.includes("with input as")) expect(ROUTED.has(verdict)).toBe(false);
    }
  });

  /** What the loops ask for beside single orders; the README says what follows. */
  const LOOPS: Readonly<Record<string, (store: Store) => Promise<unknown>>> = {
    "timers that are due": ({ timers }) => timers.due(10),
    "the next timer": ({ timers }) => timers.next(),
    "jobs that are on offer": ({ jobs }) => jobs.offered(["print"]),
    "claiming jobs": ({ jobs }) =>
      jobs.claim({ types: ["print"], worker: "w", limit: 5, leaseMs: 1_000 }),
    "jobs whose attempts ran out": ({ jobs }) => jobs.exhausted(5),
    "numbering the feed": ({ feed }) => feed.sequence(10),
    "reading the feed": ({ feed }) => feed.read({ after: 0, limit: 5, bytes: 1_000 }, everything),
    "claiming deliveries": ({ deliveries }) =>
      deliveries.claim({ free: new Map(), each: 5, limit: 5, leaseMs: 1_000 }),
    "forgetting keys": ({ idempotency }) => idempotency.forget(-60_000, 5),
    "moving to the archive": ({ archive }) =>
      archive.move({ olderThanMs: 0, after: null, entries: 10 }),
    "lists of orders": ({ orders }) => orders.list({ limit: 5 }, everything),
    "lists of tasks": ({ tasks }) => tasks.list({ limit: 5 }, everything),
    "lists of incidents": ({ incidents }) => incidents.list({ limit: 5 }, everything),
  };

  test("has loops that read all shards, and some that Citus would not run", async () => {
    await statementsOf(lives, { isDistributed: true });
    const store = storeOn(beside(), { rebuild: createRebuild() }, { isDistributed: true });
    const found: Record<string, readonly Verdict[]> = {};
    for (const [name, work] of Object.entries(LOOPS)) {
      const verdicts = await verdictsOn(await sentBy(() => work(store)));
      const beyond = verdicts.map(([verdict]) => verdict).filter((each) => !ROUTED.has(each));
      found[name] = [...new Set(beyond)].toSorted();
    }
    const [READ, JOINS, ROWS] = [
      "read of all shards",
      "gathers: joins spread tables with the coordinator's",
      "gathers: finds its orders in rows",
    ] as const;
    expect(found).toEqual({
      "timers that are due": [READ],
      "the next timer": [READ],
      "jobs that are on offer": [READ],
      "claiming jobs": [READ],
      "jobs whose attempts ran out": [READ],
      "numbering the feed": [JOINS],
      "reading the feed": [JOINS],
      "claiming deliveries": [ROWS, "refused: asks for the time or a lock"],
      "forgetting keys": [READ, "write to all shards"],
      "moving to the archive": [JOINS],
      "lists of orders": [READ],
      "lists of tasks": [READ],
      "lists of incidents": [READ],
    });
  });

  test.each([
    ["select * from orders where id = $1 for update", "one shard"],
    ["select * from orders where status = $1 for update", "refused: locks rows of several shards"],
    ["select line from entries where type = $1", "read of all shards"],
    [
      "update jobs set available_at = clock_timestamp() where order_id = $1 and id = $2",
      "refused: asks for the time or a lock",
    ],
    [
      "with gone as (delete from timers where order_id = $1) delete from jobs where order_id = $1",
      "gathers: has several writing parts",
    ],
    [
      "insert into sealed (order_id, commitment, salt, value) select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])",
      "gathers: writes what it selects",
    ],
    ["delete from timers where due_at < $1", "write to all shards"],
    [
      "select line from feed join entries on entries.order_id = feed.order_id where entries.order_id = $1",
      "gathers: joins spread tables with the coordinator's",
    ],
    ["select now from test_clocks where id = $1", "coordinator"],
  ])("%s: %s", async (statement, verdict) => {
    expect(await verdictOn(created.url, statement)).toBe(verdict);
  });
});

const HOOK: Omit<NewWebhook, "id" | "events"> = {
  ...{ url: "https://hooks.example/", description: null, roles: [] },
  ...{ centres: "*", createdBy: "integrator", sealed: "s" },
};

const ROUTED: ReadonlySet<Verdict> = new Set(["coordinator", "one shard"]);

async function verdictsOn(
  statements: readonly string[],
): Promise<readonly (readonly [Verdict, string])[]> {
  const verdicts: (readonly [Verdict, string])[] = [];
  for (const text of statements) verdicts.push([await verdictOn(created.url, text), text]);
  return verdicts;
}

/** Most of what happens to an order, while somebody is told. */
async function lives(server: Server): Promise<void> {
  const { engine } = server;
  const key = (name: string) => ({ idempotency: { key: name, fingerprint: name } });
  const { id } = await createParcel(server, { centre: "sh-01" });
  const send = async (type: string, payload = {}, caller = CLERK, more = {}) =>
    engine.orders.send(caller, id, { type, payload }, more);
  granted(await send("WEIGH", { weight: 2 }, CLERK, key(`${id} one`)));
  granted(await send("WEIGH", { weight: 2 }, CLERK, key(`${id} one`)));
  granted(await send("NOTE", { note: "n1", text: "ring twice" }));
  granted(await send("CLOSE_NOTE", { note: "n1" }));
  await send("DELIVER", {}, COURIER, key(`${id} two`));
  await engine.orders.preview(CLERK, id, { type: "HAND_OVER", payload: {} });
  const slot = { resources: ["bay 1"], from: "2027-01-01T08:00:00Z", to: "2027-01-01T09:00:00Z" };
  granted(await send("BOOK", slot));
  granted(await send("CALL_OFF"));
  granted(await send("HAND_OVER"));
  for (const type of ["BREAK", "REPAIR", "CALL_OFF"]) await send(type);
  granted(await engine.orders.view(CLERK, id));
  granted(await engine.orders.history(CLERK, id, { after: 0, limit: 50 }));
  granted(await engine.orders.at(CLERK, id, { revision: 2 }));
  granted(await engine.orders.verify(ADMIN, id));
}

/** Texts of the statements that a server sends to move and read orders, each once. */
async function statementsOf(
  work: (server: Server) => Promise<void>,
  layout: Layout = {},
): Promise<readonly string[]> {
  const open = () => Promise.resolve(storeOn(beside(), { rebuild: createRebuild() }, layout));
  const server = await parcelServer(open);
  return sentBy(() => work(server));
}

function beside(): Database {
  const database = openPostgres(created.url);
  opened.push(database);
  return database;
}

async function sentBy(work: () => Promise<unknown>): Promise<readonly string[]> {
  const sent = vi.spyOn(pg.Client.prototype, "query");
  try {
    await work();
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
