/**
 * What a careful team writes first: Hono, zod, XState and one Postgres transaction per event, which locks the order, steps
 * it, and writes its state, its history and its outbox. Pooled, and every statement is named, so that Postgres plans it once.
 */

import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import pg from "pg";
import { initialTransition, transition } from "xstate";
import { z } from "zod";
import { orderData, xstateMachine } from "../step-definition.ts";
import { idOf, peerEnvironment } from "./peer-environment.ts";

const { databaseUrl, port, orders } = peerEnvironment();
/** More made it slower on two cores, fewer left it waiting for the disk. */
const CONNECTIONS = 16;

const machine = xstateMachine();
const pool = new pg.Pool({ connectionString: databaseUrl, max: CONNECTIONS });
const eventSchema = z.strictObject({ type: z.literal("NEXT"), amount: z.number() });
const idSchema = z.uuid();

const SQL = {
  lock: "select revision, state from orders where id = $1 for update",
  update: "update orders set revision = $2, state = $3, updated_at = now() where id = $1",
  history:
    "insert into history (order_id, revision, type, payload, actor, before, after) values ($1, $2, $3, $4, $5, $6, $7)",
  outbox: "insert into outbox (order_id, revision, type, params) values ($1, $2, $3, $4)",
} as const;

const app = new Hono();
app.post("/orders/:id/events", async (c) => {
  const id = idSchema.parse(c.req.param("id"));
  const event = eventSchema.parse(await c.req.json());
  const order = await inTransaction(async (query) => {
    const [row] = (await query("lock", [id])).rows;
    if (row === undefined) throw new HTTPException(404);
    const revision = Number(row.revision) + 1;
    const before = machine.resolveState(row.state);
    if (!before.can(event)) throw new HTTPException(409);
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
  return c.json(order);
});

type Query = (name: keyof typeof SQL, values: readonly unknown[]) => Promise<pg.QueryResult>;

async function inTransaction<T>(work: (query: Query) => Promise<T>): Promise<T> {
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

/** `json`, not `jsonb`: nothing looks into it, and it costs Postgres half. */
await pool.query(`
  create table orders (id uuid primary key, revision integer not null, state json not null,
    updated_at timestamptz not null default now()) with (fillfactor = 50);
  create table history (order_id uuid not null, revision integer not null, type text not null, payload json not null,
    actor text not null, before json not null, after json not null, at timestamptz not null default now(),
    primary key (order_id, revision));
  create table outbox (id bigint generated always as identity primary key, order_id uuid not null,
    revision integer not null, type text not null, params json not null, at timestamptz not null default now())`);
const [started] = initialTransition(machine, orderData);
await pool.query("insert into orders (id, revision, state) select unnest($1::uuid[]), 1, $2", [
  Array.from({ length: orders }, (_, number) => idOf(number)),
  JSON.stringify(machine.getPersistedSnapshot(started)),
]);
serve({ fetch: app.fetch, port, hostname: "127.0.0.1" }, () => process.send?.("ready"));
