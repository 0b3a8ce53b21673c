/** Telling of many orders in one statement: the same as telling of each by itself, and of none that was not written. */

import fc from "fast-check";
import { sql } from "kysely";
import { beforeEach, expect, test } from "vitest";

import type { DeliveryEnd, Occurrence } from "../../src/store/contracts/deliveries.ts";
import type { NewWebhook } from "../../src/store/contracts/webhooks.ts";
import { contextOf, type Context } from "../../src/store/context.ts";
import type { Db } from "../../src/store/database.ts";
import type { Store } from "../../src/store/store.ts";
import { announced, announcements, announceToAll } from "../../src/store/tables/delivery-queue.ts";
import { describeOnDatabases } from "../support/databases.ts";
import { everything, numbers } from "./fixtures.ts";

const NOW = Date.parse("2026-03-01T00:00:00Z");
const TYPES = ["order.changed", "order.done", "job.opened"] as const;
const HOOKS: readonly (Partial<NewWebhook> & Pick<NewWebhook, "id">)[] = [
  { id: "all" },
  { id: "orders", events: ["order.*"] },
  { id: "jobs of the north", events: ["job.opened", "order.do"], centres: ["north"] },
  { id: "disabled" },
  { id: "removed" },
];

/** What happened to an order, by its number. */
interface Told {
  readonly order: number;
  readonly centre: string | null;
  readonly types: readonly (typeof TYPES)[number][];
}

const rounds = fc.array(
  fc.uniqueArray(
    fc.record({
      order: fc.integer({ min: 1, max: 5 }),
      centre: fc.constantFrom("north", "south", null),
      types: fc.array(fc.constantFrom(...TYPES), { maxLength: 4 }),
    }),
    { selector: ({ order }) => order, maxLength: 5 },
  ),
  { minLength: 1, maxLength: 3 },
);

describeOnDatabases("telling of many orders at once", (open, _, raw) => {
  let store: Store;
  let db: Db;
  beforeEach(async () => {
    store = await open();
    ({ db } = await raw());
    for (const hook of HOOKS) await store.webhooks.create({ ...HOOK, ...hook }, 9);
    await store.webhooks.change("disabled", { disabled: true }, everything);
    await store.webhooks.remove("removed", everything);
  });
  const queue = async (): Promise<unknown> => {
    const lanes = await sql`
      select * from delivery_lanes order by order_id, webhook_id`.execute(db);
    const deliveries = await sql`
      select * from deliveries order by order_id, webhook_id, number`.execute(db);
    return [lanes.rows, deliveries.rows];
  };
  const empty = () => sql`truncate deliveries, delivery_lanes`.execute(db);

  test("queues what telling of each by itself does", async () => {
    let most = 0;
    await fc.assert(
      fc.asyncProperty(rounds, async (told) => {
        const each = async (context: Context) => {
          await empty();
          for (const [revision, batch] of told.entries()) {
            for (const order of batch)
              await announceToAll(context, sceneOf(order, revision), occurred(order, revision));
          }
          return queue();
        };
        const one = await each(contextOf(db, {}));
        expect(await each(contextOf(db, {}, true))).toEqual(one);
        await empty();
        for (const [revision, batch] of told.entries()) await tellAll(db, batch, revision);
        expect(await queue()).toEqual(one);
        const { rows } = await sql<{ count: number }>`select count(*) from deliveries`.execute(db);
        most = Math.max(most, rows[0]?.count ?? 0);
      }),
      { numRuns: 40 },
    );
    expect(most).toBeGreaterThan(10);
  });

  test("tells nobody of an order that the statement did not write", async () => {
    const [written, other] = [told(1), told(2)];
    await tellAll(db, [written, other], 1, [written]);
    const { items } = await store.deliveries.list("all", { limit: 9 });
    expect(items.map(({ orderId }) => orderId)).toEqual(["o1", "o1"]);
  });

  test("counts what is told while attempts end, however many end at once", async () => {
    const orders = numbers(30).map(told);
    await tellAll(db, orders, 1);
    const ended: (readonly [orderId: string, webhookId: string, state: string])[] = [];
    const ending = async (revision: number): Promise<void> => {
      const claimed = await store.deliveries.claim({
        ...{ free: new Map(), each: 99, limit: 99, leaseMs: 60_000 },
      });
      const records = await Promise.all(
        claimed.map(async ({ lease, orderId, webhookId }, index) => {
          const end = ENDS[(index + revision) % ENDS.length] ?? { kind: "dead" };
          const attempt = { at: NOW, status: 500, error: null, durationMs: index };
          if (end.kind !== "retry") ended.push([orderId, webhookId, end.kind]);
          return store.deliveries.finish(lease, attempt, end);
        }),
      );
      expect(records.every((recorded) => recorded)).toBe(true);
    };
    // A round whose lanes were all being told to claims none: rounds go on until some attempts have ended.
    for (let revision = 2; revision < 5 || ended.length === 0; revision += 1) {
      await Promise.all([
        ending(revision),
        tellAll(db, orders, 10 * revision),
        tellAll(db, orders.toReversed(), 10 * revision + 1),
      ]);
    }
    const { rows } = await sql`
      select order_id, webhook_id, pending from delivery_lanes where pending <> (
        select count(*) from deliveries
        where deliveries.order_id = delivery_lanes.order_id and state = 'pending'
          and deliveries.webhook_id = delivery_lanes.webhook_id)`.execute(db);
    expect(rows).toEqual([]);
    const { rows: found } = await sql<{
      readonly order_id: string;
      readonly webhook_id: string;
      readonly state: string;
    }>`
      select order_id, webhook_id, state from deliveries where state <> 'pending'`.execute(db);
    const all = found.map(({ order_id, webhook_id, state }) =>
      [order_id, webhook_id, state].join(),
    );
    expect(all.toSorted()).toEqual(ended.map((each) => each.join()).toSorted());
    const tried = await sql`
      select from deliveries where jsonb_array_length(attempts) <> tries`.execute(db);
    expect(tried.rows).toEqual([]);
  });

  test("twenty batches at once whose orders overlap wait for each other in one order", async () => {
    await Promise.all(
      numbers(20).map((number) =>
        tellAll(
          db,
          numbers(30)
            .map(told)
            .toSorted(() => (number % 2) - 0.5),
          number,
        ),
      ),
    );
    const { rows } = await sql`
      select last_number, pending from delivery_lanes group by last_number, pending`.execute(db);
    expect(rows).toEqual([{ last_number: 40, pending: 40 }]);
  });
});

const ENDS: readonly DeliveryEnd[] = [
  { kind: "delivered" },
  { kind: "retry", inMs: 0 },
  { kind: "dead" },
];

const HOOK: NewWebhook = {
  ...{ id: "", url: "https://hooks.example/", description: null, events: ["*"], roles: [] },
  ...{ centres: "*", createdBy: "integrator", sealed: "s" },
};

function told(order: number): Told {
  return { order, centre: "south", types: ["order.changed", "order.done"] };
}

function occurred({ types }: Told, revision: number): readonly Occurrence[] {
  return types.map((type, index) => ({
    ...{ type, name: `${revision}_${index}`, subject: index % 2 === 0 ? null : `${index}` },
  }));
}

function sceneOf({ order, centre }: Told, revision: number) {
  return { orderId: `o${order}`, centre, revision, now: NOW };
}

/** As a statement of group commit does, with the arrays as its parameters. */
async function tellAll(
  db: Db,
  batch: readonly Told[],
  revision: number,
  written: readonly Told[] = batch,
): Promise<void> {
  const { orderIds, names, types, subjects } = announcements(
    batch.map((each) => ({ orderId: `o${each.order}`, occurrences: occurred(each, revision) })),
  );
  const parts = announced({
    orders: sql`moved`,
    orderIds: sql`${[...orderIds]}::text[]`,
    names: sql`${[...names]}::text[]`,
    types: sql`${[...types]}::text[]`,
    subjects: sql`${[...subjects]}::text[]`,
    at: sql`${new Date(NOW).toISOString()}::timestamptz`,
  });
  await sql`
    with moved as (
      select order_id, centre, ${revision}::integer as revision from unnest(
        ${written.map(({ order }) => `o${order}`)}::text[],
        ${written.map(({ centre }) => centre)}::text[]
      ) as written (order_id, centre)
    ), ${parts}
    select`.execute(db);
}
