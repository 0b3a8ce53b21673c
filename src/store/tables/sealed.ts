/** Tables `sealed_boxes` and `sealed`: personal values beside the history, encrypted, and in clear as releases before wrote them. */

import { sql } from "kysely";

import type { Context } from "../context.ts";
import type {
  ClearValue,
  KeptValue,
  KeptValues,
  OrderInClear,
  ResealedOrder,
  Sealed,
  SealedBox,
} from "../contracts/sealed.ts";
import type { Db } from "../database.ts";
import { parseJson } from "../json-text.ts";
import { ordersOfSubject, subjectOf } from "./order-subjects.ts";
import { restricted } from "./restrictions.ts";

export interface SealedBoxesTable {
  readonly order_id: string;
  /** 32 bytes. */
  readonly commitment: Uint8Array;
  readonly box: Uint8Array;
}

export interface SealedTable {
  readonly order_id: string;
  readonly commitment: string;
  readonly salt: string;
  /** JSON text. */
  readonly value: string;
}

export function sealedOn(context: Context): Sealed {
  const { db } = context;
  return {
    kept: (orderId, commitments) => kept(db, orderId, commitments),
    inClear: (page) => inClear(db, page),
    reseal: (orders) => (context.isDistributed ? resealEach(db, orders) : reseal(db, orders)),
    sweep: () => (context.isDistributed ? isSwept(db) : sweep(db)),
    ordersOf: (subject, page) => ordersOfSubject(db, subject, page),
  };
}

export async function insertSealed(
  db: Db,
  orderId: string,
  boxes: readonly SealedBox[],
): Promise<void> {
  if (boxes.length === 0) return;
  const rows = boxes.map(({ commitment, box }) => ({
    order_id: orderId,
    commitment: commitmentBytes(commitment),
    box,
  }));
  await db.insertInto("sealed_boxes").values(rows).execute();
}

/** The bytes of a commitment's hex digits. */
export function commitmentBytes(commitment: string): Buffer {
  return Buffer.from(commitment, "hex");
}

interface KeptRow {
  readonly subject: string | null;
  readonly restricted: boolean;
  readonly commitment: string;
  readonly box: Uint8Array | null;
  readonly salt: string | null;
  readonly value: string | null;
}

async function kept(db: Db, orderId: string, commitments: readonly string[]): Promise<KeptValues> {
  // Equal rows are one, because a commitment names its salt and value; a forged one beside it is another.
  const { rows } = await sql<KeptRow>`
    select subject, ${restricted(sql`coalesce(whose.subject, ${`order:${orderId}`})`)} as restricted, held.*
    from (select ${subjectOf(sql`${orderId}`)} as subject) as whose cross join (
      select encode(commitment, 'hex') as commitment, box, null as salt, null as value
      from sealed_boxes
      where order_id = ${orderId} and encode(commitment, 'hex') = any(${[...commitments]}::text[])
      union
      select commitment, null, salt, value from sealed
      where order_id = ${orderId} and commitment = any(${[...commitments]}::text[])
    ) as held`.execute(db);
  const [first] = rows;
  return {
    subject: first?.subject ?? null,
    restricted: first?.restricted === true,
    values: rows.map(keptValue),
  };
}

function keptValue({ commitment, box, salt, value }: KeptRow): KeptValue {
  if (box !== null) return { kind: "boxed", commitment, box };
  if (salt === null || value === null) throw new Error(`expected a value under ${commitment}`);
  return { kind: "clear", commitment, salt, value: parseJson(value) };
}

async function inClear(
  db: Db,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<readonly OrderInClear[]> {
  // The order with which the limit is reached is read whole: its values are moved together.
  const { rows } = await sql<{
    readonly orderId: string;
    readonly subject: string | null;
    readonly values: readonly (Omit<ClearValue, "value"> & { readonly value: string })[];
  }>`
    select sealed.order_id as "orderId", subject,
      json_agg(json_build_object('commitment', commitment, 'salt', salt, 'value', value)) as values
    from sealed left join order_subjects on order_subjects.order_id = sealed.order_id
    where sealed.order_id > ${after ?? ""} and sealed.order_id <= (
      select max(order_id) from (
        select order_id from sealed where order_id > ${after ?? ""} order by order_id limit ${limit}
      ) as next)
    group by sealed.order_id, subject order by sealed.order_id`.execute(db);
  return rows.map(({ values, ...order }) => ({
    ...order,
    values: values.map(({ value, ...rest }) => ({ ...rest, value: parseJson(value) })),
  }));
}

/** Of several servers that move the same value one does: who deletes it. */
async function reseal(db: Db, orders: readonly ResealedOrder[]): Promise<number> {
  const boxes = orders.flatMap(({ orderId, boxes: made }) =>
    made.map((each) => ({ orderId, ...each })),
  );
  if (boxes.length === 0) return 0;
  const { rows } = await sql<{ readonly moved: number }>`
    with made as materialized (
      select * from unnest(
        ${boxes.map(({ orderId }) => orderId)}::text[],
        ${boxes.map(({ commitment }) => commitment)}::text[],
        ${boxes.map(({ box }) => Buffer.from(box).toString("base64"))}::text[]
      ) as made (order_id, commitment, box)
    ), gone as (
      delete from sealed using made
      where sealed.order_id = made.order_id and sealed.commitment = made.commitment
      returning sealed.order_id, sealed.commitment
    ), moved as (
      insert into sealed_boxes (order_id, commitment, box)
      select order_id, decode(commitment, 'hex'), decode(box, 'base64') from made
      where (order_id, commitment) in (select order_id, commitment from gone)
      returning 1
    )
    select count(*) as moved from moved`.execute(db);
  return rows[0]?.moved ?? 0;
}

/** Each on its order's machine. */
async function resealEach(db: Db, orders: readonly ResealedOrder[]): Promise<number> {
  let moved = 0;
  for (const { orderId, boxes } of orders) {
    await db.transaction().execute(async (inner) => {
      const gone = await inner
        .deleteFrom("sealed")
        .where("order_id", "=", orderId)
        .where(sql<boolean>`commitment = any(${boxes.map(({ commitment }) => commitment)}::text[])`)
        .returning("commitment")
        .execute();
      const deleted = new Set(gone.map(({ commitment }) => commitment));
      const rest = boxes.filter(({ commitment }) => deleted.has(commitment));
      await insertSealed(inner, orderId, rest);
      moved += rest.length;
    });
  }
  return moved;
}

/** The files are other machines': vacuum gives them back there. */
async function isSwept(db: Db): Promise<boolean> {
  const { rows } = await sql`select from sealed limit 1`.execute(db);
  return rows.length === 0;
}

/** Somebody who reads or writes the table goes first: the next look comes. */
async function sweep(db: Db): Promise<boolean> {
  const { rows } = await sql<{ readonly bytes: number; readonly isEmpty: boolean }>`
    select coalesce(sum(pg_relation_size(relid)), 0)::float8 as bytes,
      not exists (select from sealed) as "isEmpty"
    from pg_partition_tree('sealed')`.execute(db);
  const [found] = rows;
  if (found === undefined || !found.isEmpty) return false;
  if (found.bytes === 0) return true;
  try {
    await db.transaction().execute(async (inner) => {
      await sql`lock table sealed in access exclusive mode nowait`.execute(inner);
      const { rows: again } = await sql`select from sealed limit 1`.execute(inner);
      if (again.length === 0) await sql`truncate sealed`.execute(inner);
    });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === LOCK_NOT_AVAILABLE) {
      return false;
    }
    throw error;
  }
}

/** PostgreSQL error codes, appendix A. */
const LOCK_NOT_AVAILABLE = "55P03";
