/** What lies beside a history is found when somebody changes it in the database itself. */

import { sql } from "kysely";
import { expect, test } from "vitest";
import { describeOnDatabases } from "../support/databases.ts";
import { ADMIN, createParcel, granted, parcelServer, sent, type Server } from "./engine.ts";

/** The statement that changes it, and where it is found. */
const CHANGES: readonly (readonly [what: string, change: string, field: string])[] = [
  ["a timer's instant", "update timers set due_at = due_at - interval '1 hour'", "timers"],
  ["a timer is gone", "delete from timers where id = (select min(id) from timers)", "timers"],
  [
    "a timer too many",
    "insert into timers select order_id, '9.9', due_at, test_clock, stuck from timers limit 1",
    "timers",
  ],
  ["a tag", "update orders set tags = '{vip}'", "tags"],
  ["what was sent out", "update outbox set params = replace(params, 'hello', 'hallo')", "outbox"],
  ["what was sent out is gone", "delete from outbox", "outbox"],
  ["something else is sent out", "update outbox set type = 'pay'", "outbox"],
];

describeOnDatabases("rows beside a history", (open, _kind, raw) => {
  async function travelled(one: Server): Promise<string> {
    const { id } = await createParcel(one);
    await sent(one, id, "NOTE", { note: "n1", text: "ring twice" });
    await sent(one, id, "HAND_OVER");
    return id;
  }

  async function verified({ engine }: Server, id: string) {
    return granted(await engine.orders.verify(ADMIN, id));
  }

  test("are as the history says", async () => {
    const one = await parcelServer(open);
    const id = await travelled(one);
    expect(await verified(one, id)).toMatchObject({ verified: true, entries: 3 });
  });

  test.each(CHANGES)("%s", async (_, change, field) => {
    const one = await parcelServer(open);
    const id = await travelled(one);
    const { db } = await raw();
    await sql.raw(change).execute(db);
    expect(await verified(one, id)).toMatchObject({
      verified: false,
      firstDivergence: { revision: 3, field },
    });
  });

  test("an open job's input, and a task's role", async () => {
    const one = await parcelServer(open);
    const { id } = await createParcel(one);
    const slot = { from: "2026-12-01T08:00:00Z", to: "2026-12-01T09:00:00Z" };
    await sent(one, id, "BOOK", { resources: ["van"], ...slot });
    const { db } = await raw();
    const found: unknown[] = [];
    for (const change of [
      "update jobs set input = replace(input, 'van', 'bus')",
      "update jobs set type = 'other'",
      "insert into tasks select id, '', 'desk', '1.1', process, centre, 'clerk', now(), null, null, null from orders",
    ]) {
      await sql.raw(change).execute(db);
      found.push((await verified(one, id)).firstDivergence?.field);
      await sql`update jobs set type = 'builtin:slot.reserve', input = replace(input, 'bus', 'van')`.execute(
        db,
      );
    }
    expect(found).toEqual(["jobs", "jobs", "tasks"]);
  });
});
