/** A person's data are erased, restricted and opened by cases, whose histories tell who asked, who agreed and who looked. */

import { beforeEach, expect, test } from "vitest";

import { describeOnDatabases } from "../support/databases.ts";
import type { CaseRequest, PersonalDataCase } from "../../src/runtime/contracts/personal-data.ts";
import type { Caller } from "../../src/runtime/engine.ts";
import {
  ADMIN,
  AUDITOR,
  CLERK,
  COURIER,
  createParcel,
  granted,
  parcelServer,
  RECIPIENT,
  refusal,
  until,
  viewed,
  type Server,
} from "./engine.ts";

const MEI: Caller = { sub: "mei", roles: ["privacy"], centres: null };
const TOM: Caller = { sub: "tom", roles: ["privacy"], centres: null };
const BECAUSE = { ground: "request", reason: "She wrote to us." } as const;
const GRACE = { person: { subject: "customer-4711" }, ...BECAUSE } satisfies CaseRequest;

describeOnDatabases("a person's data", (open) => {
  let server: Server;
  beforeEach(async () => {
    server = await parcelServer(open);
  });

  const parcelOf = async (subject: string): Promise<string> => {
    const request = { process: "parcel", data: { recipient: RECIPIENT }, subject };
    return granted(await server.engine.orders.create(CLERK, request)).order.id;
  };
  const recipientOf = async (id: string): Promise<unknown> =>
    (await viewed(server, id)).data["recipient"];
  const stateOf = async (id: string): Promise<PersonalDataCase> =>
    granted(await server.engine.personalData.get(MEI, id)).case;
  const withLoops = async (work: () => Promise<void>): Promise<void> => {
    server.engine.start();
    try {
      await work();
    } finally {
      await server.engine.stop();
    }
  };

  test("are erased when one has asked and another has approved, and every history still verifies", async () => {
    const { engine } = server;
    const orders = [await parcelOf("customer-4711"), await parcelOf("customer-4711")];
    const other = await parcelOf("customer-4712");
    const made = granted(await engine.personalData.erase(MEI, GRACE)).case;
    expect(made).toMatchObject({ state: "requested", orders: 2, order: null, fourEyes: true });
    expect(await recipientOf(orders[0] ?? "")).toBe(RECIPIENT);

    const alone = await engine.personalData.decide(MEI, made.id, { decision: "approve" });
    expect(refusal(alone).code).toBe("event-not-enabled");
    const approved = await engine.personalData.decide(TOM, made.id, { decision: "approve" });
    expect(granted(approved).case).toMatchObject({
      ...{ state: "settling", keys: 1, requestedBy: "mei", decidedBy: "tom" },
    });
    for (const id of orders) {
      expect(await recipientOf(id)).toMatch(/^sealed:/);
      expect(granted(await engine.orders.verify(AUDITOR, id)).verified).toBe(true);
    }
    expect(await recipientOf(other)).toBe(RECIPIENT);
    await withLoops(() => until(async () => (await stateOf(made.id)).state === "erased"));
    expect((await stateOf(made.id)).values).toBeGreaterThanOrEqual(4);
    expect(granted(await engine.orders.verify(AUDITOR, made.id)).verified).toBe(true);
  });

  test("of an order that names no subject are its own, and go by its id", async () => {
    const { engine } = server;
    const { id } = await createParcel(server);
    const other = await createParcel(server);
    const asked = { person: { order: id }, ...BECAUSE };
    const made = granted(await engine.personalData.erase(MEI, asked)).case;
    granted(await engine.personalData.decide(TOM, made.id, { decision: "approve" }));
    expect(await recipientOf(id)).toMatch(/^sealed:/);
    expect(await recipientOf(other.id)).toBe(RECIPIENT);
  });

  test("that come after an erasure are a new beginning, and outlive its second look", async () => {
    const { engine } = server;
    await parcelOf("customer-4711");
    const made = granted(await engine.personalData.erase(MEI, GRACE)).case;
    granted(await engine.personalData.decide(TOM, made.id, { decision: "approve" }));
    const later = await parcelOf("customer-4711");
    await withLoops(() => until(async () => (await stateOf(made.id)).state === "erased"));
    expect(await recipientOf(later)).toBe(RECIPIENT);
  });

  test("that are restricted nobody reads until another one lifts it, and nobody erases them", async () => {
    const { engine } = server;
    const id = await parcelOf("customer-4711");
    const made = granted(await engine.personalData.restrict(MEI, GRACE)).case;
    expect(made.state).toBe("restricted");
    for (const caller of [CLERK, ADMIN]) {
      expect((await viewed(server, id, caller)).data["recipient"]).toMatch(/^sealed:/);
    }
    // Who has the order from before is not told that it is still the same.
    expect(granted(await engine.orders.view(CLERK, id)).asWritten).toBe(false);
    expect(granted(await engine.orders.view(AUDITOR, id)).asWritten).toBe(true);
    const history = granted(await engine.orders.history(CLERK, id, { after: 0, limit: 10 }));
    expect(JSON.stringify(history.items)).not.toContain(RECIPIENT);
    expect(granted(await engine.orders.verify(AUDITOR, id)).verified).toBe(true);
    expect(refusal(await engine.personalData.erase(MEI, GRACE)).code).toBe("person-restricted");

    const lift = { decision: "lift", reason: "It was right." } as const;
    const alone = await engine.personalData.decide(MEI, made.id, lift);
    expect(refusal(alone).code).toBe("event-not-enabled");
    const lifted = granted(await engine.personalData.decide(TOM, made.id, lift)).case;
    expect(lifted).toMatchObject({ state: "lifted", decidedBy: "tom" });
    expect(await recipientOf(id)).toBe(RECIPIENT);
  });

  test("that are restricted are shown by an opening, and each look is an entry that was written before", async () => {
    const { engine, store } = server;
    const id = await parcelOf("customer-4711");
    granted(await engine.personalData.restrict(MEI, GRACE));
    const opened = await engine.personalData.open(TOM, { person: { order: id }, ...BECAUSE });
    const { case: made, values } = granted(opened);
    expect(values.map(({ pointer, value }) => [pointer, value])).toEqual(
      expect.arrayContaining([
        ["/subject", "customer-4711"],
        ["/data/recipient", RECIPIENT],
      ]),
    );
    expect(made).toMatchObject({ state: "open", shown: 1, order: id, requestedBy: "tom" });
    const entries = await store.orders.history(made.id, { after: 0, limit: 10 }, { centres: "*" });
    expect(entries.map(({ type }) => type)).toEqual(["order.started", "SHOW"]);
    expect(entries.map(({ line }) => line).join()).not.toContain(RECIPIENT);
    expect(await recipientOf(id)).toMatch(/^sealed:/);
  });

  test("that an erasure is waiting for are held by a restriction that came meanwhile", async () => {
    const { engine } = server;
    const id = await parcelOf("customer-4711");
    const made = granted(await engine.personalData.erase(MEI, GRACE)).case;
    granted(await engine.personalData.restrict(TOM, GRACE));
    const approved = await engine.personalData.decide(TOM, made.id, { decision: "approve" });
    expect(granted(approved).case).toMatchObject({ state: "held", status: "done", keys: 0 });
    const opened = await engine.personalData.open(TOM, { person: { order: id }, ...BECAUSE });
    expect(JSON.stringify(granted(opened).values)).toContain(RECIPIENT);
  });

  test("of two centres that call somebody by one name are two persons", async () => {
    const { engine } = server;
    const north: Caller = { ...CLERK, centres: ["north"] };
    const south: Caller = { ...MEI, centres: ["south"] };
    const request = { process: "parcel", data: { recipient: RECIPIENT }, subject: "customer-4711" };
    granted(await engine.orders.create(north, request));
    expect(refusal(await engine.personalData.erase(south, GRACE)).code).toBe("not-found");
    const across = { ...GRACE, person: { ...GRACE.person, centre: "north" } };
    expect(refusal(await engine.personalData.erase(south, across)).code).toBe("not-found");
    const mine = await engine.personalData.erase({ ...MEI, centres: ["north"] }, GRACE);
    expect(granted(mine).case.orders).toBe(1);
  });

  test("in kept messages go with them, by whatever of the orders the messages are told", async () => {
    const { engine } = server;
    const weighing = { process: "parcel", data: { recipient: RECIPIENT, weight: 7 } };
    const subject = "customer-4711";
    granted(await engine.orders.create(CLERK, { ...weighing, subject, businessKey: "K-1" }));
    const kept = async (correlation: { readonly [field: string]: string | number }) => {
      // The order is there, and does not wait for this message before it is told of a delivery.
      const request = { name: "DELIVER", correlation, payload: {}, ttlSeconds: 3600 };
      const sent = granted(await engine.messages.send(COURIER, request));
      return "message" in sent ? sent.message.id : "";
    };
    const [byKey, byField, other] = [
      await kept({ businessKey: "K-1" }),
      await kept({ weight: 7 }),
      await kept({ weight: 8 }),
    ];
    const made = granted(await engine.personalData.erase(MEI, GRACE)).case;
    granted(await engine.personalData.decide(TOM, made.id, { decision: "approve" }));
    const stateNow = async (id: string) =>
      granted(await engine.messages.get(COURIER, id)).message.state;
    expect([await stateNow(byKey), await stateNow(byField), await stateNow(other)]).toEqual([
      "withdrawn",
      "withdrawn",
      "kept",
    ]);
  });

  test("are not erased by another process that asks for the engine's work", async () => {
    const { engine } = server;
    const { id } = await createParcel(server);
    const text = `
process: thief
version: 1.0.0
jobs: { erase: { builtin: person.erase, retries: 0, input: { type: object, properties: { tag: { type: string } } } } }
machine:
  initial: asking
  states: { asking: { invoke: { src: erase, input: { tag: 'order:${id}' }, onDone: done } }, done: { type: final } }
`;
    granted(await engine.definitions.publish(ADMIN, { text, format: "yaml" }));
    const order = granted(await engine.orders.create(ADMIN, { process: "thief" })).order;
    await withLoops(() =>
      until(async () => (await viewed(server, order.id, ADMIN)).status === "incident"),
    );
    const open = { status: "open", order: order.id } as const;
    const [incident] = granted(await engine.incidents.list(ADMIN, open, { limit: 1 })).items;
    expect(incident?.code).toBe("not-allowed");
    expect(await recipientOf(id)).toBe(RECIPIENT);
  });

  test("are nobody's to reach by a case that the engine did not make, or under its name", async () => {
    const { engine } = server;
    const data = { kind: "erasure", tag: "order:1", fourEyes: false };
    const made = await engine.orders.create(ADMIN, { process: "personal-data-case", data });
    expect(refusal(made).code).toBe("process-reserved");
    const text =
      "process: personal-data-case\nversion: 9.0.0\nmachine: { initial: a, states: { a: {} } }";
    const published = await engine.definitions.publish(ADMIN, { text, format: "yaml" });
    expect(refusal(published).code).toBe("process-reserved");
  });
});
