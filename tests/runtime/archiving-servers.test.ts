/** Servers that archive by themselves while orders come to their ends. */

import { sql } from "kysely";
import { expect, test } from "vitest";

import { describeOnDatabases } from "../support/databases.ts";
import {
  ADMIN,
  COURIER,
  createParcel,
  granted,
  parcelServer,
  refusal,
  sent,
  server,
  until,
  viewed,
} from "./engine.ts";
import { virtualClock } from "./virtual-clock.ts";

const PARCELS = 30;

describeOnDatabases("servers that archive", (open, _kind, raw) => {
  test("take each order once it has ended, and lose nothing of those that end meanwhile", async () => {
    const clock = virtualClock(Date.now());
    const archive = { afterMs: 0, knownMs: 0 };
    const publisher = await parcelServer(open);
    const servers = [
      await server(open, undefined, { clock, archive }),
      await server(open, undefined, { clock, archive }),
    ];
    const { db } = await raw();
    const archived = async () => {
      const { rows } = await sql<{ readonly id: string }>`select id from archived_orders`.execute(
        db,
      );
      return rows.map(({ id }) => id).toSorted();
    };
    const stays = await createParcel(publisher);
    for (const { engine } of servers) engine.start();
    try {
      const ids = await Promise.all(
        Array.from({ length: PARCELS }, async (_, nth) => {
          const one = servers[nth % 2] ?? publisher;
          const { id } = await createParcel(one);
          await sent(one, id, "HAND_OVER");
          await sent(one, id, "NOTE", { note: "n1", text: "ring twice" });
          await sent(one, id, "CLOSE_NOTE", { note: "n1" });
          clock.advance(30_000);
          await sent(one, id, "DELIVER", {}, COURIER);
          return id;
        }),
      );
      await until(async () => {
        clock.advance(1_000);
        return (await archived()).length === PARCELS;
      });
      expect(await archived()).toEqual(ids.toSorted());
      expect(await db.selectFrom("orders").select("id").execute()).toEqual([{ id: stays.id }]);
      for (const id of ids) {
        const proof = granted(await publisher.engine.orders.verify(ADMIN, id));
        expect(proof).toMatchObject({ verified: true, entries: 5 });
        expect(await viewed(publisher, id)).toMatchObject({ status: "done", revision: 5 });
        const late = await publisher.engine.orders.send(COURIER, id, {
          type: "DELIVER",
          payload: {},
        });
        expect(refusal(late).code).toBe("order-closed");
      }
      for (const { logged } of servers) expect(logged()).not.toContain("error");
    } finally {
      await Promise.all(servers.map(({ engine }) => engine.stop()));
    }
  });
});
