/**
 * Orders as a careful team keeps them by itself: a table each for orders, history and outbox, and one transaction per event
 * on a pooled connection, its statements prepared.
 */

import pg from "pg";
import { initialTransition, transition } from "xstate";
import { orderData, xstateMachine } from "../step-definition.ts";
import { idsOf } from "./peer-environment.ts";
import type { PeerAnswer, PeerEvent } from "./serve-peer.ts";

/** More than two cores and a disk can keep busy. */
const CONNECTIONS = 16;

/** `json`, not `jsonb`: nothing looks into it, and it costs Postgres half. */
const TABLES = `
  create table orders (id uuid primary key, revision integer not null, state json not null,
    updated_at timestamptz not null default now()) with (fillfactor = 50);
  create table history (order_id uuid not null, revision integer not null, type text not null, payload json not null,
    actor text not null, before json not null, after json not null, at timestamptz not null default now(),
    primary key (order_id, revision));
  create table outbox (id bigint generated always as identity primary key, order_id uuid not null,
    revision integer not null, type text not null, params json not null, at timestamptz not null default now())`;

const SQL = {
  lock: "select revision, state from orders where id = $1 for update",
  update: "update orders set revision = $2, state = $3, updated_at = now() where id = $1",
  history:
    "insert into history (order_id, revision, type, payload, actor, before, after) values ($1, $2, $3, $4, $5, $6, $7)",
  outbox: "insert into outbox (order_id, revision, type, params) values ($1, $2, $3, $4)",
} as const;

const machine = xstateMachine();

/** With the tables, and that many orders of the bench's machine. */
export async function openOrders(databaseUrl: string, orders: number): Promise<pg.Pool> {
  const pool = openPool(databaseUrl);
  const [started] = initialTransition(machine, orderData);
  await createTables(pool, orders, JSON.stringify(machine.getPersistedSnapshot(started)));
  return pool;
}

export function openPool(databaseUrl: string): pg.Pool {
  return new pg.Pool({ connectionString: databaseUrl, max: CONNECTIONS });
}

/** @param state of a new order, as JSON text */
export async function createTables(pool: pg.Pool, orders: number, state: string): Promise<void> {
  await pool.query(TABLES);
  await pool.query("insert into orders (id, revision, state) select unnest($1::uuid[]), 1, $2", [
    idsOf(orders),
    state,
  ]);
}

/** Locks the order, steps it, and writes its state, its history and its outbox. */
export function moveOrder(pool: pg.Pool, id: string, event: PeerEvent): Promise<PeerAnswer> {
  return inTransaction(pool, async (query) => {
    const [row] = (await query("lock", [id])).rows;
    if (row === undefined) return 404;
    const revision = Number(row.revision) + 1;
    const before = machine.resolveState(row.state);
    if (!before.can(event)) return 409;
    const [after, actions] = transition(machine, before, event);
    await query("update", [id, revision, JSON.stringify(machine.getPersistedSnapshot(after))]);
    const values = [before.value, after.value].map((value) => JSON.stringify(value));
    const payload = JSON.stringify({ amount: event.amount });
    await query("history", [id, revision, event.type, payload, "tech-7", ...values]);
    const types: readonly string[] = actions.map((action) => action.type);
    for (const type of types.filter((each) => each === "notify")) {
      const params = JSON.stringify({ count: after.context.count });
      await query("outbox", [id, revision, type, params]);
    }
    return { id, revision, state: after.value, data: after.context };
  });
}

type Query = (name: keyof typeof SQL, values: readonly unknown[]) => Promise<pg.QueryResult>;

export async function inTransaction<T>(
  pool: pg.Pool,
  work: (query: Query) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query("begin");
    const result = await work((name, values) =>
      client.query({ name, text: SQL[name], values: [...values] }),
    );
    await client.query("commit");
    return result;
  } catch (error) {
    await client.query("rollback");
    throw error;
  } finally {
    client.release();
  }
}
