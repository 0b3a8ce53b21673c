/**
 * Orders as a team keeps them by itself: a table each for orders, history and outbox, and one transaction per event on a
 * pooled connection.
 */

import pg from "pg";
import { initialTransition, transition } from "xstate";
import { orderData, xstateMachine } from "../step-definition.ts";
import { idsOf } from "./peer-environment.ts";
import type { PeerAnswer, PeerEvent } from "./serve-peer.ts";

/**
 * How a team talks to its database. `defaults`: a pool as its constructor makes it, and statements without a name, which are
 * planned at each call. `careful`: more connections than two cores and a disk can keep busy, and prepared statements.
 */
export type Care = "defaults" | "careful";

const POOLS = { defaults: {}, careful: { max: 16 } } as const satisfies Record<Care, pg.PoolConfig>;

export interface Tables {
  readonly pool: pg.Pool;
  readonly care: Care;
}

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
export async function openOrders(
  databaseUrl: string,
  orders: number,
  care: Care = "careful",
): Promise<Tables> {
  const tables = openTables(databaseUrl, care);
  const [started] = initialTransition(machine, orderData);
  await createTables(tables, orders, JSON.stringify(machine.getPersistedSnapshot(started)));
  return tables;
}

export function openTables(databaseUrl: string, care: Care = "careful"): Tables {
  return { pool: new pg.Pool({ connectionString: databaseUrl, ...POOLS[care] }), care };
}

/** @param state of a new order, as JSON text */
export async function createTables({ pool }: Tables, orders: number, state: string): Promise<void> {
  await pool.query(TABLES);
  await pool.query("insert into orders (id, revision, state) select unnest($1::uuid[]), 1, $2", [
    idsOf(orders),
    state,
  ]);
}

/** Locks the order, steps it, and writes its state, its history and its outbox. */
export function moveOrder(tables: Tables, id: string, event: PeerEvent): Promise<PeerAnswer> {
  return inTransaction(tables, async (query) => {
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
  { pool, care }: Tables,
  work: (query: Query) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query("begin");
    const result = await work((name, values) => {
      const query = { text: SQL[name], values: [...values] };
      return client.query(care === "careful" ? { name, ...query } : query);
    });
    await client.query("commit");
    return result;
  } catch (error) {
    await client.query("rollback");
    throw error;
  } finally {
    client.release();
  }
}
