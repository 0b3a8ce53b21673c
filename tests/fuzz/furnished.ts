/** What the world begins with: definitions and a few orders; everything else comes of the requests. */

import { sql, type RawBuilder } from "kysely";
import type { Json, JsonObject } from "../../machines/json.ts";
import type { Database } from "../../src/store/database.ts";
import { asking, definitionFile, PARCEL, publish } from "../http/server.ts";
import type { TestServer } from "../http/server.ts";

export interface Furnished {
  /** As they were answered. */
  readonly orders: readonly Json[];
  /** Has nothing but the beginning in the database again; judging the definitions once more would take most of the time. */
  readonly restore: () => Promise<void>;
}

export async function furnished(server: TestServer): Promise<Furnished> {
  const { database } = server;
  const tables = await tablesOf(database);
  await empty(database, tables);
  const ask = asking(server);
  for (const definition of [PARCEL, VISIT, ERRAND]) await publish(ask, definition);
  const orders: Json[] = [];
  for (const [process, data] of FIRST_ORDERS) {
    const { body } = await ask("/v1/work-orders", { body: { process, businessKey: "K-1", data } });
    orders.push(body);
  }
  const kept = await keep(database, tables);
  return {
    orders,
    restore: async () => {
      await empty(database, tables);
      for (const name of kept) {
        const columns = await columnsOf(database, name);
        await sql`insert into ${sql.table(name)} (${columns}) overriding system value
          select ${columns} from ${sql.table(`kept.${name}`)}`.execute(database.db);
      }
    },
  };
}

/** Those that refer to others come last. */
async function tablesOf({ db }: Database): Promise<readonly string[]> {
  const { rows } = await sql<{ readonly name: string }>`
    select tablename as name from pg_tables
    where schemaname = current_schema() and tablename not like 'kysely%'
    order by exists (
      select from pg_constraint where contype = 'f' and conrelid = format('%I', tablename)::regclass
    ), tablename`.execute(db);
  return rows.map(({ name }) => name);
}

/** Less those that the database computes itself. */
async function columnsOf({ db }: Database, table: string): Promise<RawBuilder<unknown>> {
  const { rows } = await sql<{ readonly name: string }>`
    select attname::text as name from pg_attribute
    where attrelid = ${table}::regclass and attnum > 0 and not attisdropped and attgenerated = ''`.execute(
    db,
  );
  return sql.join(rows.map(({ name }) => sql.ref(name)));
}

async function empty({ db }: Database, tables: readonly string[]): Promise<void> {
  await sql`truncate ${sql.join(tables.map((name) => sql.table(name)))}`.execute(db);
}

/** Copies what is in the tables. @returns those that hold something */
async function keep({ db }: Database, tables: readonly string[]): Promise<readonly string[]> {
  await sql`drop schema if exists kept cascade`.execute(db);
  await sql`create schema kept`.execute(db);
  const kept: string[] = [];
  for (const name of tables) {
    const copy = sql.table(`kept.${name}`);
    await sql`create table ${copy} as select * from ${sql.table(name)}`.execute(db);
    const { rows } = await sql`select 1 from ${copy} limit 1`.execute(db);
    if (rows.length > 0) kept.push(name);
  }
  return kept;
}

const VISIT = await definitionFile("service-visit/1.0.0.yaml");

/** What the others lack: a job for a worker outside, a person's task, a timer that fails, and an item. */
const ERRAND = `
process: errand
version: 1.0.0
roles: [runner, manager]
data: { type: object, properties: { pages: { type: number, default: 1 } } }
events:
  GO: { by: [runner, manager] }
  BACK: { by: [runner, manager], payload: { type: object, properties: { pages: { type: number } } } }
  LEAVE: { by: [runner] }
machine:
  initial: ready
  states:
    ready:
      meta: { step: ready, element: userTask, role: runner }
      tags: [waiting]
      on: { GO: fetching, LEAVE: left }
    fetching:
      invoke: { src: fetch, input: { pages: '= pages' }, onDone: shown }
      on: { BACK: { target: ready, actions: [{ type: assign, params: { pages: '= event.pages' } }] } }
    shown:
      on: { GO: fetching }
      after: { PT1H: { target: left, actions: [{ type: assign, params: { pages: '= 1 / 0' } }] } }
    left: { type: final }
`;

const VISIT_DATA = {
  customer: { name: "Ann", phone: "13800000001", language: "en" },
  vehicle: { plate: "A-1", vin: "LSVAA4182E2184847", model: "Compact 1.5" },
};

export const FIRST_ORDERS: readonly (readonly [string, JsonObject])[] = [
  ["parcel", { to: "Ann", weight: 2 }],
  ["parcel", { to: "Bo" }],
  ["service-visit", VISIT_DATA],
  ["errand", {}],
];
