/** What somebody changes who holds the database is found and named, however well they know the format. */

import { sql } from "kysely";
import { expect, test } from "vitest";
import { hashLine } from "../../../src/audit/entry.ts";
import { createExecutables } from "../../../src/audit/executables.ts";
import { auditOrders } from "../../../src/runtime/auditing/audit-orders.ts";
import {
  auditPeriod,
  NOTHING_DONE,
  type AuditPlan,
  type AuditProgress,
} from "../../../src/runtime/auditing/audit-period.ts";
import type { Caller } from "../../../src/runtime/engine.ts";
import { createLibrary } from "../../../src/runtime/definitions.ts";
import { createKeyring } from "../../../src/runtime/keyring.ts";
import { systemClock } from "../../../src/runtime/platform.ts";
import type { Db } from "../../../src/store/database.ts";
import type { Store } from "../../../src/store/store.ts";
import { THREE_VERSIONS } from "../../audit/three-versions.ts";
import { describeOnDatabases } from "../../support/databases.ts";
import { memoryKeystore } from "../../support/memory-keystore.ts";
import { ADMIN, granted, server, START, type Server } from "../engine.ts";
import { grownToTheEnd } from "./logged.ts";

const ANYBODY: Caller = {
  ...{ sub: "root", centres: null },
  roles: ["advisor", "technician", "admin"],
};
const ALL: AuditPlan = { from: null, to: null, trusted: null };
const HOUR_MS = 3_600_000;

const [garage] = THREE_VERSIONS;
if (garage === undefined) throw new Error("expected versions of the garage");

async function audited(store: Store, plan = ALL, from = NOTHING_DONE): Promise<AuditProgress> {
  const library = createLibrary(store, createExecutables());
  const reading = { store, library, keyring: createKeyring(memoryKeystore(), systemClock) };
  let last = from;
  const ports = {
    store,
    audit: (orders: Parameters<typeof auditOrders>[1], checkpoint: { time: number } | null) =>
      auditOrders(reading, orders, checkpoint),
  };
  for await (last of auditPeriod(ports, plan, from));
  return last;
}

/** Orders of three versions, migrated and not, whose entries are in the log since an hour. */
async function garageOf(one: Server, count: number, hand: { now: number }) {
  const { engine, store } = one;
  for (const text of garage?.texts ?? []) {
    granted(await engine.definitions.publish(ADMIN, { text, format: "yaml" }));
  }
  const ids: string[] = [];
  for (let at = 0; at < count; at += 1) {
    const asked = { process: "garage", version: "1.0.0" };
    const { id } = granted(await engine.orders.create(ANYBODY, asked)).order;
    ids.push(id);
    const sendTo = async (type: string, payload = {}) =>
      granted(await engine.orders.send(ANYBODY, id, { type, payload }));
    const migrate = async (to: string, way: string) => {
      const rules = garage?.rules[way] ?? {};
      granted(await engine.orders.migrate(ANYBODY, id, { to, rules }));
    };
    await sendTo("ACCEPT");
    await sendTo("ADD", { line: "brakes" });
    await sendTo("START");
    if (at % 3 > 0) await migrate("2.0.0", "0>1");
    if (at % 3 > 1) await migrate("3.0.0", "1>2");
    await sendTo("NOTE", { note: "the left one" });
  }
  hand.now += HOUR_MS;
  await grownToTheEnd(store);
  return ids;
}

/** Somebody who knows the format writes all hashes of the order anew from one entry on. */
async function rechained(db: Db, id: string, revision: number, from: string, to: string) {
  const { rows } = await sql<{ readonly revision: number; readonly line: string }>`
    select revision, line from entries where order_id = ${id} order by revision`.execute(db);
  let last = "0".repeat(64);
  for (const row of rows) {
    const edited = row.revision === revision ? row.line.replaceAll(from, to) : row.line;
    const line = edited.replace(/"prev":"[0-9a-f]{64}"/, `"prev":"${last}"`);
    last = hashLine(line);
    await sql`update entries set line = ${line}, hash = ${last}
      where order_id = ${id} and revision = ${row.revision}`.execute(db);
  }
  await sql`update orders set last_hash = ${last} where id = ${id}`.execute(db);
  await sql`delete from snapshots where order_id = ${id}`.execute(db);
}

interface Attack {
  readonly what: string;
  readonly change: (db: Db, id: string) => Promise<unknown>;
  /** Revision and field; of the order, unless `isLog`. */
  readonly found: readonly (readonly [number | null, string])[];
  readonly isLog?: true;
}

const ATTACKS: readonly Attack[] = [
  {
    what: "an entry's line",
    change: (db, id) =>
      sql`update entries set line = replace(line, '"sub":"root"', '"sub":"rest"')
        where order_id = ${id} and revision = 3`.execute(db),
    found: [
      [3, "hash"],
      [3, "log"],
    ],
  },
  {
    what: "an entry, with all hashes after it written anew",
    change: (db, id) => rechained(db, id, 2, '"sub":"root"', '"sub":"rest"'),
    found: [2, 3, 4, 5, 6, 7].map((revision) => [revision, "log"] as const),
  },
  {
    what: "what a migration says, with all hashes after it written anew",
    change: (db, id) => rechained(db, id, 5, '"version":"1.0.0"', '"version":"0.9.9"'),
    found: [
      [5, "type"],
      [5, "log"],
      [6, "log"],
      [7, "log"],
    ],
  },
  {
    what: "the last entry is taken back, the order with it",
    change: async (db, id) => {
      await sql`delete from snapshots where order_id = ${id}`.execute(db);
      await sql`delete from entries where order_id = ${id} and revision = 7`.execute(db);
      await sql`update orders set revision = 6, projected = 6, snapshot = null,
        last_hash = (select hash from entries where order_id = ${id} and revision = 6),
        at = (select at from entries where order_id = ${id} and revision = 6)
        where id = ${id}`.execute(db);
    },
    found: [[7, "line"]],
  },
  {
    what: "a whole order",
    change: async (db, id) => {
      for (const table of ["entries", "timers", "jobs", "tasks", "outbox", "sealed", "snapshots"]) {
        await sql`delete from ${sql.table(table)} where order_id = ${id}`.execute(db);
      }
      await sql`delete from orders where id = ${id}`.execute(db);
    },
    found: [1, 2, 3, 4, 5, 6, 7].map((revision) => [revision, "line"] as const),
  },
  {
    what: "the order's version",
    change: (db, id) => sql`update orders set version = '1.0.0' where id = ${id}`.execute(db),
    found: [[7, "version"]],
  },
  {
    what: "a place in the feed",
    change: (db, id) => sql`delete from feed where order_id = ${id} and revision = 2`.execute(db),
    found: [[null, "log"]],
    isLog: true,
  },
  {
    what: "a hash of the log",
    change: (db) =>
      sql`update log_tiles set hashes = overlay(hashes placing '\\x00000000'::bytea from 33)
        where level = 0`.execute(db),
    found: [],
  },
  {
    what: "the log's last checkpoint",
    change: (db) =>
      sql`update log_checkpoints set note = replace(note, 'time 20', 'time 21')`.execute(db),
    found: [[null, "log"]],
    isLog: true,
  },
];

describeOnDatabases("an audit", (open, _kind, raw) => {
  test("finds nothing wrong with orders of three versions", async () => {
    const hand = { now: Date.parse(START) };
    const one = await server(open, hand);
    await garageOf(one, 9, hand);
    expect(await audited(one.store)).toMatchObject({
      ...{ phase: "done", orders: 9, entries: 54, tooNew: 0, wrong: 0, findings: [] },
      log: { from: 0, reached: 54, checkpoint: { size: 54 } },
    });
  });

  test.each(ATTACKS)("finds $what", async ({ change, found, isLog }) => {
    const hand = { now: Date.parse(START) };
    const one = await server(open, hand);
    const ids = await garageOf(one, 6, hand);
    const [, , id = ""] = ids;
    const { db } = await raw();
    await change(db, id);
    const { findings, wrong } = await audited(one.store);
    const order = isLog === true ? null : id;
    expect(findings.map((each) => [each.order, each.revision, each.field])).toEqual(
      found.map(([revision, field]) => [order, revision, field]),
    );
    expect(wrong).toBe(found.length);
  });

  test("finds an order that was put into the database beside the log", async () => {
    const hand = { now: Date.parse(START) };
    const one = await server(open, hand);
    const { db } = await raw();
    await garageOf(one, 2, hand);
    const asked = { process: "garage", version: "1.0.0" };
    const { id } = granted(await one.engine.orders.create(ANYBODY, asked)).order;
    await sql`delete from feed_batches`.execute(db);
    await garageOf(one, 1, hand);
    const { findings } = await audited(one.store);
    expect(findings).toMatchObject([{ order: id, revision: 1, field: "log", found: "none" }]);
  });

  test("goes on in the log where it was, and looks at a period's entries alone", async () => {
    const hand = { now: Date.parse(START) };
    const one = await server(open, hand);
    await garageOf(one, 3, hand);
    const from = hand.now + 1;
    hand.now += HOUR_MS;
    await garageOf(one, 2, hand);
    const late = await audited(one.store, { ...ALL, from });
    expect(late).toMatchObject({ orders: 2, wrong: 0, log: { from: 18, reached: 29 } });
    const whole = await audited(one.store);
    const { log } = whole;
    if (log === null) throw new Error("expected a log");
    const resumed: AuditProgress = { ...whole, phase: "log", log: { ...log, reached: 20 } };
    await garageOf(one, 1, hand);
    expect(await audited(one.store, ALL, resumed)).toMatchObject({
      wrong: 0,
      log: { reached: 29 },
    });
  });
});
