/** Makes a million closed orders out of one that a server wrote: copies under ids of their own, closed over several months. */

import pg from "pg";
import { progress } from "../support/rounds.ts";

export interface Copies {
  /** Of the order that is copied. */
  readonly template: string;
  readonly orders: number;
  /** Of each copy: the template's first ones. */
  readonly entries: number;
  /** Over which they were closed, back from now. */
  readonly months: number;
}

const BATCH = 10_000;

/** A copy has as many sealed values as entries, too. Lines name the copy's id; their hashes stay the template's, which is all the same to those who move them. */
export async function multiply(url: string, copies: Copies): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("set synchronous_commit = off");
    await client.query(COPY_ID);
    for (let done = 0; done < copies.orders; done += BATCH) {
      const until = Math.min(done + BATCH, copies.orders);
      const { template, entries, months } = copies;
      await client.query(COPY, [
        template,
        done,
        until - 1,
        entries,
        months / copies.orders,
        months,
      ]);
      progress(`${until} of ${copies.orders} orders written`);
    }
    progress("vacuum");
    await client.query("vacuum (analyze)");
  } finally {
    await client.end();
  }
}

/** Of the form of a UUIDv7 that was drawn a while ago: the older the order, the lower its id. */
const COPY_ID = `
  create function pg_temp.copy_id(number bigint) returns text language sql immutable as $$
    select format('%s-%s-7000-8000-%s', left(hex, 8), substr(hex, 9, 4), right(hex, 12))
    from (select lpad(to_hex(1700000000000 + number * 1000), 12, '0') || '0000'
      || substr(md5(number::text), 1, 12) as hex) as text
  $$`;

const COPY = `
  with copy as materialized (
    select pg_temp.copy_id(number) as id,
      now() - interval '2 days' - ($6::float8 - number * $5::float8) * interval '30 days' as closed_at
    from generate_series($2::bigint, $3::bigint) as number
  ), orders_copied as (
    insert into orders (id, process, version, digest, business_key, centre, revision, status, open_incidents,
      outcome, step, snapshot, last_hash, at, created_at, updated_at, test_clock, tags, projected)
    select copy.id, process, version, digest, 'key ' || copy.id, centre, $4::integer, 'done', 0,
      coalesce(outcome, 'closed'), step, replace(snapshot, $1::text, copy.id), last_hash, closed_at, closed_at - interval '2 days',
      closed_at, null, tags, $4::integer
    from orders cross join copy where orders.id = $1
  ), entries_copied as (
    insert into entries (order_id, revision, at, type, line, hash)
    select copy.id, revision, closed_at, type, replace(line, $1, copy.id), hash
    from entries cross join copy where order_id = $1 and revision <= $4::integer
  ), sealed_copied as (
    insert into sealed (order_id, commitment, salt, value)
    select copy.id, commitment, salt, value
    from (select * from sealed where order_id = $1 order by commitment limit $4) as kept cross join copy
  )
  insert into outbox (order_id, revision, position, at, type, item, params, placeholder_values)
  select copy.id, revision, position, closed_at, type, item, params, placeholder_values
  from outbox cross join copy where order_id = $1 and revision <= $4::integer`;
