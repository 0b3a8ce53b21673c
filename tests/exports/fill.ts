/** Puts walked orders into a database as the product would have left them: half of those that ended in the archive. */

import { sql } from "kysely";
import { canonicalText } from "../../machines/document/canonical.ts";
import { parseDefinition } from "../../machines/document/parse.ts";
import type { Database } from "../../src/store/database.ts";
import type { Store } from "../../src/store/store.ts";
import { walk, type Walked, type Walker } from "../audit/export/walked.ts";

export interface Filling {
  readonly store: Store;
  readonly database: Database;
  readonly walkers: readonly Walker[];
  readonly orders: number;
  readonly progress?: (text: string) => void;
}

const AT_ONCE = 50;
const DAY_MS = 86_400_000;

export async function fill({ store, database, walkers, orders, progress }: Filling): Promise<void> {
  for (const { executable, source } of walkers) {
    const { process, version, digest } = executable;
    const { value } = parseDefinition(source, "yaml");
    if (value === null) throw new Error(`${process} can't be read`);
    const canonical = canonicalText(value);
    const published = { canonical, source, format: "yaml", by: "the test" } as const;
    await store.definitions.publish({ process, version, digest, ...published });
  }
  for (let from = 0; from < orders; from += AT_ONCE) {
    const count = Math.min(AT_ONCE, orders - from);
    const walked = Array.from({ length: count }, (_, index) => {
      const walker = walkers[(from + index) % walkers.length];
      if (walker === undefined) throw new Error("no walker");
      return walk(walker, from + index + 1);
    });
    await insert(database, walked);
    progress?.(`${from + count} of ${orders} orders are walked`);
    if (from + count < orders / 2) continue;
    // Once, in the middle: what comes after it lives.
    if (from < orders / 2) await archive(store);
  }
  while ((await numbered(store)) > 0);
}

async function insert({ db }: Database, walked: readonly Walked[]): Promise<void> {
  const orders = walked.flatMap(({ order, entries }) => {
    const [last, first] = [entries.at(-1), entries[0]];
    if (last === undefined || first === undefined) return [];
    const { process, version, digest, status, outcome, step, snapshot, lastHash } = last;
    return [
      {
        ...{ id: order.id, process, version, digest, status, outcome, step },
        ...{ business_key: order.businessKey, centre: order.centre, revision: last.revision },
        ...{ open_incidents: 0, snapshot: snapshot.text, last_hash: lastHash, tags: [] },
        ...{ at: instant(last.at), created_at: instant(first.at), updated_at: instant(last.at) },
        ...{ test_clock: null, projected: last.revision },
      },
    ];
  });
  const entries = walked.flatMap(({ order, lines, entries: stored }) =>
    lines.map(({ line, hash, type }, index) => ({
      ...{ order_id: order.id, revision: index + 1, type, line, hash },
      at: instant(stored[index]?.at ?? 0),
    })),
  );
  await sql`
    insert into orders (id, process, version, digest, status, outcome, step, business_key, centre, revision,
      open_incidents, snapshot, last_hash, tags, at, created_at, updated_at, test_clock, projected)
    select id, process, version, digest, status, outcome, step, business_key, centre, revision,
      open_incidents, snapshot, last_hash, '{}'::text[], at, created_at, updated_at, test_clock, projected
    from jsonb_populate_recordset(null::orders, ${JSON.stringify(orders)}::jsonb)`.execute(db);
  await sql`
    insert into entries (order_id, revision, at, type, line, hash)
    select order_id, revision, at, type, line, hash
    from jsonb_populate_recordset(null::entries, ${JSON.stringify(entries)}::jsonb)`.execute(db);
  await sql`
    insert into feed_batches (order_ids, revisions)
    select ${entries.map((entry) => entry.order_id)}::text[], ${entries.map((entry) => entry.revision)}::integer[]`.execute(
    db,
  );
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}

async function archive(store: Store): Promise<void> {
  while ((await numbered(store)) > 0);
  await store.archive.prepare();
  let after = null;
  do {
    // The walks' instants are of some day, and need not be over.
    const request = { olderThanMs: -1_000 * DAY_MS, after, entries: 10_000 };
    ({ next: after } = await store.archive.move(request));
  } while (after !== null);
}

async function numbered(store: Store): Promise<number> {
  const done = await store.feed.sequence(10_000);
  return done.kind === "appended" ? done.count : 0;
}
