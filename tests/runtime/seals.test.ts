/** Personal values under keys: nothing of them in the database, gone with their key, and never lost because a key is new. */

import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { createRebuild } from "../../src/audit/rebuild.ts";
import { createEngine } from "../../src/runtime/create-engine.ts";
import { ownTag, type Keystore } from "../../src/runtime/keystore.ts";
import { systemClock, systemRandom } from "../../src/runtime/platform.ts";
import { subjectTag } from "../../src/runtime/seals.ts";
import { createOutlet } from "../../src/runtime/webhook-outlet.ts";
import type { Store } from "../../src/store/store.ts";
import { describeOnDatabases } from "../support/databases.ts";
import { memoryKeystore } from "../support/memory-keystore.ts";
import {
  ADMIN,
  AUDITOR,
  CLERK,
  createParcel,
  granted,
  RECIPIENT,
  refusal,
  sent,
  viewed,
  type Server,
} from "./engine.ts";
import { PARCEL } from "./parcel.ts";

/** A keystore that counts what it is asked. */
function counted(inner: Keystore) {
  const asked = { ensure: 0, read: 0 };
  const keystore: Keystore = {
    ...inner,
    ensure: (tags) => {
      asked.ensure += 1;
      return inner.ensure(tags);
    },
    read: (tags) => {
      asked.read += 1;
      return inner.read(tags);
    },
  };
  return { keystore, asked };
}

describeOnDatabases("a personal value", (open, _kind, raw) => {
  async function serverWith(keystore: Keystore): Promise<Server> {
    return serverOn(await open({ rebuild: createRebuild() }), keystore);
  }

  async function serverOn(store: Store, keystore: Keystore): Promise<Server> {
    const silent = { info: () => {}, warn: () => {}, error: () => {} };
    const engine = createEngine({
      ...{ store, clock: systemClock, random: systemRandom, log: silent, keystore },
      secret: new Uint8Array(32).fill(9),
      outlet: createOutlet({ allowed: [] }),
    });
    granted(await engine.definitions.publish(ADMIN, { text: PARCEL, format: "yaml" }));
    return { engine, store, logged: () => "" };
  }

  async function verified({ engine }: Server, id: string): Promise<boolean> {
    return granted(await engine.orders.verify(ADMIN, id)).verified;
  }

  test("stands in no column of any table in clear", async () => {
    const one = await serverWith(memoryKeystore());
    const { id } = await createParcel(one);
    await sent(one, id, "NOTE", { note: "n1", text: "beware of the dog" });
    const { db } = await raw();
    const dump: string[] = [];
    for (const { name } of await db.introspection.getTables()) {
      const { rows } = await sql`select * from ${sql.table(name)}`.execute(db);
      dump.push(JSON.stringify(rows, bytesAsText));
    }
    const text = dump.join("\n");
    expect(text).toContain(id);
    for (const secret of [RECIPIENT, "beware of the dog"]) expect(text).not.toContain(secret);
  });

  test("is gone from every answer with its key, and history and proof stay", async () => {
    const keystore = memoryKeystore();
    const one = await serverWith(keystore);
    const { id } = await createParcel(one);
    const other = await createParcel(one);
    await sent(one, id, "NOTE", { note: "n1", text: "beware of the dog" });
    expect(await keystore.destroy([ownTag(id)])).toBe(1);
    // Another server, which remembers no key.
    const two = await serverOn(one.store, keystore);
    expect(JSON.stringify(await viewed(two, id))).not.toContain(RECIPIENT);
    const { items } = granted(await two.engine.orders.history(CLERK, id, { after: 0, limit: 9 }));
    expect(JSON.stringify(items)).not.toMatch(/Grace|beware/);
    expect(await verified(two, id)).toBe(true);
    expect((await viewed(two, other.id)).data).toMatchObject({ recipient: RECIPIENT });
    // What is written from now on is under a new key, and what was there stays unreadable.
    await sent(two, id, "NOTE", { note: "n2", text: "leave it at the door" });
    const text = JSON.stringify(await viewed(two, id));
    expect(text).toContain("leave it at the door");
    expect(text).not.toMatch(/Grace|beware/);
    expect(await verified(two, id)).toBe(true);
  });

  test("is of the subject that the order was made for, who is one person within a centre", async () => {
    const keystore = memoryKeystore();
    const one = await serverWith(keystore);
    const made = async (centre: string, subject?: string) =>
      granted(
        await one.engine.orders.create(CLERK, {
          ...{ process: "parcel", centre, data: { recipient: RECIPIENT } },
          ...(subject === undefined ? {} : { subject }),
        }),
      ).order.id;
    const [first, second] = [await made("north", "c-17"), await made("north", "c-17")];
    const [elsewhere, own] = [await made("south", "c-17"), await made("north")];
    await sent(one, first, "NOTE", { note: "n1", text: "beware of the dog" });
    const tag = subjectTag(keystore, "north", "c-17");
    const both = await one.store.sealed.ordersOf(tag, { after: null, limit: 9 });
    expect(both).toEqual([first, second].toSorted());
    expect(await keystore.destroy([tag])).toBe(1);
    const two = await serverOn(one.store, keystore);
    for (const id of [first, second]) {
      expect(JSON.stringify(await viewed(two, id))).not.toMatch(/Grace|beware/);
      expect(await verified(two, id)).toBe(true);
    }
    for (const id of [elsewhere, own]) {
      expect((await viewed(two, id)).data).toMatchObject({ recipient: RECIPIENT });
    }
  });

  test("whoever makes an order another's, in its row or beside it, is found", async () => {
    const keystore = memoryKeystore();
    const one = await serverWith(keystore);
    const create = { process: "parcel", centre: "north", data: { recipient: RECIPIENT } };
    const { orders } = one.engine;
    const named = granted(await orders.create(CLERK, { ...create, subject: "c-17" })).order.id;
    const own = granted(await orders.create(CLERK, create)).order.id;
    const other = subjectTag(keystore, "north", "c-18");
    const { db } = await raw();
    const found = async (id: string) => {
      const { engine } = await serverOn(await open({ rebuild: createRebuild() }), keystore);
      const { firstDivergence } = granted(await engine.orders.verify(ADMIN, id));
      return [firstDivergence?.field, firstDivergence?.expected, firstDivergence?.found];
    };
    const tag = subjectTag(keystore, "north", "c-17");
    const altered = async (id: string, subject: string | null) => {
      await db.updateTable("orders").set({ subject }).where("id", "=", id).execute();
      return found(id);
    };
    expect(await altered(named, other)).toEqual(["subject", tag, other]);
    expect(await altered(named, null)).toEqual(["subject", tag, "the order's own"]);
    expect(await altered(own, other)).toEqual(["subject", "the order's own", other]);
    expect(await altered(own, null)).toEqual([undefined, undefined, undefined]);
    expect(await altered(named, tag)).toEqual([undefined, undefined, undefined]);
    await db.updateTable("order_subjects").set({ subject: other }).execute();
    expect(await found(named)).toEqual(["subject", other, tag]);
  });

  test("the subject itself stands sealed in the history, and shows to whom other personal values do", async () => {
    const one = await serverWith(memoryKeystore());
    const request = { process: "parcel", id: randomUUID(), subject: "c-17" };
    const { orders } = one.engine;
    const create = { ...request, data: { recipient: RECIPIENT } };
    const { id } = granted(await orders.create(CLERK, create)).order;
    const page = { after: 0, limit: 9 };
    const [line] = granted(await orders.lines(CLERK, id, page)).lines;
    expect(line).toMatch(/"subject":"sealed:[0-9a-f]{64}","data"/);
    expect(line).toMatch(/"sealed":\{"\/subject":"[0-9a-f]{64}","\/data\/recipient"/);
    const payloadTo = async (caller: typeof CLERK) =>
      granted(await orders.history(caller, id, page)).items[0]?.payload["subject"];
    expect(await payloadTo(CLERK)).toBe("c-17");
    expect(await payloadTo(AUDITOR)).toMatch(/^sealed:/);
    // The same request again is the same order; for somebody else's data it is another request.
    expect(await orders.create(CLERK, create)).toMatchObject({ created: false, order: { id } });
    const others = await orders.create(CLERK, { ...create, subject: "c-18" });
    expect(refusal(others).code).toBe("id-unavailable");
    expect(await verified(one, id)).toBe(true);
  });

  test("an event without any asks for no key, a preview makes none, a refused request neither", async () => {
    const { keystore, asked } = counted(memoryKeystore());
    const one = await serverWith(keystore);
    const { engine } = one;
    const id = randomUUID();
    await engine.orders.create(CLERK, { process: "parcel", id, data: { recipient: 7 } });
    expect(asked).toEqual({ ensure: 0, read: 0 });
    granted(await engine.orders.create(CLERK, { process: "parcel", id, data: { recipient: "x" } }));
    expect(asked).toEqual({ ensure: 1, read: 0 });
    const two = await serverOn(one.store, keystore);
    const note = { type: "NOTE", payload: { note: "n1", text: "beware of the dog" } };
    granted(await two.engine.orders.preview(CLERK, id, note));
    expect(asked.ensure).toBe(1);
    granted(await two.engine.orders.move(CLERK, id, { type: "WEIGH", payload: { weight: 1 } }));
    expect(asked.ensure).toBe(1);
    granted(await two.engine.orders.move(CLERK, id, note));
    expect(asked.ensure).toBe(1);
  });

  test("is written whole whenever its key comes late, from two servers at once", async () => {
    const keys = new Map<string, Uint8Array>();
    const slow = (): Keystore => {
      const inner = memoryKeystore(keys);
      return {
        ...inner,
        ensure: async (tags) => {
          await systemClock.sleep(5, new AbortController().signal);
          return inner.ensure(tags);
        },
      };
    };
    const one = await serverWith(slow());
    const two = await serverOn(one.store, slow());
    const { id } = await createParcel(one);
    keys.clear();
    const three = await serverOn(one.store, slow());
    const four = await serverOn(one.store, slow());
    const texts = ["a", "b", "c", "d", "e", "f"].map((each) => `note ${each}`);
    await Promise.all(
      texts.map((text, index) =>
        sent(index % 2 === 0 ? three : four, id, "NOTE", { note: `n${index}`, text }),
      ),
    );
    const seen = JSON.stringify(await viewed(await serverOn(one.store, slow()), id));
    for (const text of texts) expect(seen).toContain(text);
    expect(await verified(two, id)).toBe(true);
  });
});

function bytesAsText(_name: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("latin1");
  return isBuffer(value) ? Buffer.from(value.data).toString("latin1") : value;
}

function isBuffer(value: unknown): value is { readonly data: readonly number[] } {
  return typeof value === "object" && value !== null && "type" in value && value.type === "Buffer";
}
