/** Persons' data: never in the line, the snapshot or the outbox; in the answers of those who take part, and of no one else. */

import { beforeEach, expect, test } from "vitest";
import { describeOnDatabases } from "../support/databases.ts";
import {
  ADMIN,
  AUDITOR,
  CLERK,
  COURIER,
  granted,
  parcelServer,
  refusal,
  sent,
  viewed,
  type Server,
} from "./engine.ts";

const PHONE = { number: "+86 10 5555 0100" };
const NAME = "Grace Hopper";
const NOTE = "beware of the dog";
const TOKEN = /sealed:[0-9a-f]{64}/;

describeOnDatabases("persons' data", (open) => {
  let server: Server;
  let id: string;
  beforeEach(async () => {
    server = await parcelServer(open);
    const data = { recipient: NAME, phone: PHONE };
    const created = await server.engine.orders.create(CLERK, { process: "parcel", data });
    id = granted(created).order.id;
    await sent(server, id, "NOTE", { note: "n1", text: NOTE });
    await sent(server, id, "HAND_OVER");
  });

  test("is in no line, no snapshot and no outgoing message", async () => {
    const lines = await server.store.orders.history(id, { after: 0, limit: 9 }, { centres: "*" });
    const order = await server.store.orders.get(id, { centres: "*" });
    const messages = await server.store.outbox.list(id, { afterRevision: 0, limit: 9 });
    const written = JSON.stringify([lines, order, messages]);
    expect(messages).toMatchObject([{ type: "notify", params: { message: "hello" } }]);
    for (const secret of [NAME, PHONE.number, NOTE]) expect(written).not.toContain(secret);
    expect(written).toMatch(TOKEN);
  });

  test("comes back, of whatever type, in the answers of those who take part", async () => {
    for (const caller of [CLERK, COURIER, ADMIN]) {
      const order = await viewed(server, id, caller);
      expect(order.data).toMatchObject({ recipient: NAME, phone: PHONE });
      expect(order.items["notes"]).toMatchObject([{ id: "n1", text: NOTE }]);
    }
    const { orders } = server.engine;
    const { items } = granted(await orders.history(CLERK, id, { after: 0, limit: 9 }));
    expect(items[0]?.payload).toMatchObject({ data: { recipient: NAME, phone: PHONE } });
    expect(items[1]?.payload).toMatchObject({ text: NOTE });
    expect(items[2]?.effects).toMatchObject([
      { params: { to: NAME }, values: { recipient: NAME } },
    ]);
    const then = granted(await orders.at(CLERK, id, { revision: 1 })).order;
    expect(then.data).toMatchObject({ recipient: NAME });
  });

  test("stays sealed for an auditor, wherever one looks", async () => {
    const { orders } = server.engine;
    const seen = JSON.stringify([
      await orders.view(AUDITOR, id),
      await orders.list(AUDITOR, {}, { limit: 9 }),
      await orders.history(AUDITOR, id, { after: 0, limit: 9 }),
      await orders.at(AUDITOR, id, { revision: 2 }),
      await orders.verify(AUDITOR, id),
    ]);
    for (const secret of [NAME, PHONE.number, NOTE]) expect(seen).not.toContain(secret);
    expect(seen).toMatch(TOKEN);
    const { data } = await viewed(server, id, AUDITOR);
    expect(data["recipient"]).toMatch(TOKEN);
  });

  test("is refused without being repeated", async () => {
    const secret = "a note that is longer than the forty characters that it may have";
    const event = { type: "NOTE", payload: { note: "n2", text: secret } };
    const refused = refusal(await server.engine.orders.send(CLERK, id, event));
    expect(refused.code).toBe("payload-invalid");
    expect(JSON.stringify(refused)).not.toContain(secret);
    expect(server.logged()).not.toContain(secret);
  });

  test("is committed to with a salt of its own each time", async () => {
    const again = await sent(server, id, "NOTE", { note: "n3", text: NOTE });
    expect(again.items["notes"]).toMatchObject([{ text: NOTE }, { text: NOTE }]);
    const sealed = (await viewed(server, id, AUDITOR)).items["notes"] ?? [];
    expect(new Set(sealed.map(({ text }) => text)).size).toBe(2);
  });

  test("a preview shows what was just sent, and keeps nothing of it", async () => {
    const event = { type: "NOTE", payload: { note: "n9", text: "hush" } };
    const { order } = granted(await server.engine.orders.preview(COURIER, id, event));
    expect(order.items["notes"]).toMatchObject([{}, { id: "n9", text: "hush" }]);
    expect((await viewed(server, id)).items["notes"]).toHaveLength(1);
  });
});
