/** Where orders are distributed, due timers are found by two reads: what fires between them must not hide what is left. */

import type { KyselyPlugin } from "kysely";
import { expect, test } from "vitest";
import { contextOf } from "../../src/store/context.ts";
import type { Database } from "../../src/store/database.ts";
import { timersOn } from "../../src/store/tables/timers.ts";
import { describeOnDatabases } from "../support/databases.ts";
import { advance } from "./fixtures.ts";

/** Does something once, right after the first statement has been answered. */
function afterTheFirst(work: () => Promise<unknown>): KyselyPlugin {
  let answered = 0;
  return {
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => {
      answered += 1;
      if (answered === 1) await work();
      return result;
    },
  };
}

describeOnDatabases("due timers of distributed orders", (open, _kind, raw) => {
  const fired = async ({ db }: Database, orderId: string): Promise<void> => {
    await db.deleteFrom("timers").where("order_id", "=", orderId).execute();
  };

  test("are found when the earliest fired between the two reads", async () => {
    const now = 1_000_000;
    const store = await open({ clock: () => now });
    await advance(store, "earlier", { set: [{ id: "1.0", dueAt: 1 }] });
    await advance(store, "later", { set: [{ id: "1.0", dueAt: 2 }] });
    const database = await raw();
    const db = database.db.withPlugin(afterTheFirst(() => fired(database, "earlier")));
    const timers = timersOn(contextOf(db, { clock: () => now }, true));
    expect(await timers.due(1)).toEqual([{ orderId: "later", id: "1.0", dueAt: 2 }]);
  });
});
