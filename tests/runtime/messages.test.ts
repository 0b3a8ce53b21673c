/** Messages: to the one order that waits, kept for the one to come, once over any number of servers, oldest first. */

import { beforeEach, describe, expect, test } from "vitest";
import type { MessageAnswer, MessageRequest } from "../../src/runtime/contracts/messages.ts";
import type { Caller } from "../../src/runtime/engine.ts";
import { describeOnDatabases, type OpenStore } from "../support/databases.ts";
import { ADMIN, granted, refusal, server, until, viewed, type Server } from "./engine.ts";

const INVOICE = `
process: invoice
version: 1.0.0
roles: [bank, clerk]
data:
  type: object
  properties:
    number: { type: number }
    due: { type: number, default: 100 }
    paid: { type: array, items: { type: string }, default: [] }
    debtor: { type: string, x-personal: true }
    contact: { type: object, x-personal: true, properties: { city: { type: string } } }
    terms: { type: object, default: {}, properties: { code: { type: string }, net: { type: boolean } } }
events:
  ISSUE: { by: [clerk] }
  PAID:
    by: [bank]
    payload:
      type: object
      required: [reference]
      properties:
        reference: { type: string, maxLength: 40 }
        amount: { type: number }
        payer: { type: string, x-personal: true }
  CLOSE: { by: [clerk] }
  LINE: { by: [clerk], payload: { type: object, required: [line], properties: { line: { type: string } } } }
  LINE_PAID: { item: lines, by: [bank], payload: { type: object, required: [line], properties: { line: { type: string } } } }
  TICK: { by: [] }
invariants:
  - { id: at-most-five, always: '= paid.size() <= 5' }
items:
  lines:
    key: line
    data: { type: object, properties: { line: { type: string } } }
    machine:
      initial: open
      states: { open: { on: { LINE_PAID: settled } }, settled: { type: final } }
machine:
  initial: draft
  on:
    CLOSE: .closed
    LINE: { actions: [ { type: open, params: { in: lines, value: = event } } ] }
  states:
    draft: { on: { ISSUE: open, TICK: open } }
    open:
      on:
        PAID: { guard: '= !has(event.amount) || event.amount == due', actions: [ { type: assign, params: { paid: '= paid + [event.reference]' } } ] }
    closed: { type: final }
`;

const CLERK: Caller = { sub: "ann", roles: ["clerk"], centres: null };
const BANK: Caller = { sub: "bank-1", roles: ["bank"], centres: null };

let made = 0;

interface Wanted {
  readonly businessKey?: string;
  readonly centre?: string;
  readonly data?: object;
  readonly open?: boolean;
}

async function invoice({ engine }: Server, wanted: Wanted = {}): Promise<string> {
  const { open = true, data = {}, ...rest } = wanted;
  const request = { process: "invoice", ...rest, data: { ...data } };
  const { order } = granted(await engine.orders.create(CLERK, request));
  if (open) granted(await engine.orders.send(CLERK, order.id, { type: "ISSUE", payload: {} }));
  return order.id;
}

const issue = async ({ engine }: Server, id: string) =>
  granted(await engine.orders.send(CLERK, id, { type: "ISSUE", payload: {} }));

function paid(wanted: Partial<MessageRequest> = {}): MessageRequest {
  made += 1;
  return {
    name: "PAID",
    correlation: { businessKey: "I-1" },
    payload: { reference: `r-${made}` },
    ...wanted,
  };
}

const send = ({ engine }: Server, wanted: Partial<MessageRequest> = {}, caller = BANK) =>
  engine.messages.send(caller, paid(wanted));

async function kept(on: Server, wanted: Partial<MessageRequest> = {}, caller = BANK) {
  const sent = granted(await send(on, { ttlSeconds: 600, ...wanted }, caller));
  if ("message" in sent) return sent.message;
  throw new Error("expected a message that is kept, found an order that took it");
}

const taken = async (on: Server, id: string) => (await viewed(on, id, ADMIN)).data["paid"];

const endOf = async ({ engine }: Server, id: string) =>
  granted(await engine.messages.get(BANK, id)).message;

const codeOf = async (sent: ReturnType<typeof send>) => refusal(await sent).code;

async function invoiceServer(open: OpenStore): Promise<Server> {
  const opened = await server(open);
  granted(await opened.engine.definitions.publish(ADMIN, { text: INVOICE, format: "yaml" }));
  return opened;
}

describeOnDatabases("messages", (open) => {
  let one: Server;
  beforeEach(async () => {
    one = await invoiceServer(open);
  });

  describe("a message", () => {
    test("reaches the one order with its business key, with the sender's authority", async () => {
      const id = await invoice(one, { businessKey: "I-1" });
      await invoice(one, { businessKey: "I-2" });
      const sent = granted(await send(one, { payload: { reference: "a" } }));
      expect(sent).toMatchObject({ order: { id, revision: 3, data: { paid: ["a"] } } });
      const { items } = granted(await one.engine.orders.history(ADMIN, id, { after: 2, limit: 9 }));
      expect(items).toMatchObject([{ type: "PAID", actor: { sub: "bank-1", role: "bank" } }]);
    });

    test("reaches an order by the fields of its data, equal in type, all of them", async () => {
      const id = await invoice(one, { data: { number: 7, terms: { code: "X", net: true } } });
      await invoice(one, { data: { number: 8, terms: { code: "X", net: false } } });
      const by = async (correlation: MessageRequest["correlation"]) => {
        const sent = await send(one, { correlation });
        return sent.kind === "refused" ? sent.code : "order" in sent && sent.order.id;
      };
      expect(await by({ number: 7 })).toBe(id);
      expect(await by({ "terms.code": "X", "terms.net": true })).toBe(id);
      expect(await by({ "terms.code": "X" })).toBe("message-ambiguous");
      expect(await by({ number: "7" })).toBe("message-unmatched");
      expect(await by({ "terms.code": "X", number: 9 })).toBe("message-unmatched");
    });

    test("reaches an order also when its snapshot was forgotten", async () => {
      const id = await invoice(one, { data: { number: 7 } });
      await one.store.orders.forgetSnapshots();
      const sent = granted(await send(one, { correlation: { number: 7 } }));
      expect(sent).toMatchObject({ order: { id } });
    });

    test("is for orders that wait: those that do not take it now, or from this caller, are passed over", async () => {
      await invoice(one, { businessKey: "I-1", open: false });
      expect(await codeOf(send(one))).toBe("message-unmatched");
      const id = await invoice(one, { businessKey: "I-1" });
      expect(granted(await send(one))).toMatchObject({ order: { id } });
      expect(await codeOf(send(one, {}, CLERK))).toBe("role-not-allowed");
      granted(await one.engine.orders.send(CLERK, id, { type: "CLOSE", payload: {} }));
      expect(await codeOf(send(one))).toBe("message-unmatched");
    });

    test("does not reach beyond the sender's centres", async () => {
      await invoice(one, { businessKey: "I-1", centre: "north" });
      const south = { ...BANK, centres: ["south"] };
      expect(await codeOf(send(one, {}, south))).toBe("message-unmatched");
      const id = await invoice(one, { businessKey: "I-1", centre: "south" });
      expect(granted(await send(one, {}, south))).toMatchObject({ order: { id } });
      expect(await codeOf(send(one))).toBe("message-ambiguous");
    });

    test("that several orders wait for goes to none; a payload that fits one alone decides", async () => {
      const ids = [
        await invoice(one, { businessKey: "I-1", data: { due: 10 } }),
        await invoice(one, { businessKey: "I-1", data: { due: 20 } }),
      ];
      const refused = refusal(await send(one));
      expect(refused.code).toBe("message-ambiguous");
      expect(refused.orders?.toSorted()).toEqual(ids.toSorted());
      const fitting = await send(one, { payload: { reference: "a", amount: 20 } });
      expect(granted(fitting)).toMatchObject({ order: { id: ids[1] } });
      const fits = await send(one, { payload: { reference: "a", amount: 30 } });
      expect(refusal(fits).code).toBe("message-ambiguous");
    });

    test("for an item reaches the order that has it", async () => {
      const withLine = async (line: string) => {
        const id = await invoice(one, { businessKey: "I-1" });
        granted(await one.engine.orders.send(CLERK, id, { type: "LINE", payload: { line } }));
        return id;
      };
      const [first, second] = [await withLine("l-1"), await withLine("l-2")];
      const forLine = (line: string) => send(one, { name: "LINE_PAID", payload: { line } });
      expect(granted(await forLine("l-2"))).toMatchObject({ order: { id: second } });
      expect(granted(await forLine("l-1"))).toMatchObject({ order: { id: first } });
      expect(await codeOf(forLine("l-1"))).toBe("message-unmatched");
    });

    test("that no order could ever take is refused at once, and says why", async () => {
      const wrong = async (wanted: Partial<MessageRequest>) =>
        refusal(await send(one, { ttlSeconds: 600, ...wanted }));
      expect((await wrong({ name: "PAYED" })).code).toBe("event-unknown");
      expect((await wrong({ name: "TICK" })).code).toBe("event-unknown");
      expect((await wrong({ name: "constructor" })).code).toBe("event-unknown");
      expect((await wrong({ name: "xstate.done.actor.x" })).code).toBe("event-unknown");
      const payload = await wrong({ payload: { reference: 1 } });
      expect(payload).toMatchObject({
        code: "payload-invalid",
        errors: [{ pointer: "/reference" }],
      });
      const personal = await wrong({ correlation: { debtor: "Grace" } });
      expect(personal).toMatchObject({
        code: "correlation-invalid",
        errors: [{ pointer: "/debtor", message: expect.stringContaining("x-personal") }],
      });
      const inside = await wrong({ correlation: { "contact.city": "Paris" } });
      expect(inside).toMatchObject({ code: "correlation-invalid" });
      const unknown = await wrong({ correlation: { numbre: 7 } });
      expect(unknown).toMatchObject({
        code: "correlation-invalid",
        errors: [{ pointer: "/numbre" }],
      });
    });

    test("whose order refuses the payload is refused with the order's reason", async () => {
      await invoice(one, { businessKey: "I-1" });
      const refused = refusal(await send(one, { payload: { reference: "x".repeat(41) } }));
      expect(refused.code).toBe("payload-invalid");
      const amount = await send(one, { payload: { reference: "a", amount: 1 } });
      expect(refusal(amount)).toMatchObject({ code: "event-not-enabled" });
    });
  });

  describe("a kept message", () => {
    test("is delivered as soon as an order waits, once, and then forgets its payload", async () => {
      one.engine.start();
      const message = await kept(one, { payload: { reference: "a", payer: "Ada Lovelace" } });
      expect(message).toMatchObject({ state: "kept", name: "PAID", order: null });
      const id = await invoice(one, { businessKey: "I-1", open: false });
      expect(await taken(one, id)).toEqual([]);
      await issue(one, id);
      await until(async () => (await endOf(one, message.id)).state === "delivered");
      expect(await endOf(one, message.id)).toMatchObject({ order: id, revision: 3 });
      expect(await taken(one, id)).toEqual(["a"]);
      await one.engine.stop();
    });

    test("stands in the database without a word of its payload in clear", async () => {
      await kept(one, { payload: { reference: "a", payer: "Ada Lovelace" } });
      const lanes = await one.store.messages.lanes(null, { after: "", limit: 9 });
      const [lane] = lanes;
      const stored = await one.store.messages.waiting(lane?.lane ?? "", { after: null, limit: 9 });
      expect(stored).toHaveLength(1);
      expect(JSON.stringify(stored)).not.toMatch(/Lovelace|reference/);
      expect(Buffer.from(stored[0]?.payload ?? "", "base64").toString("latin1")).not.toMatch(
        /Lovelace|reference/,
      );
    });

    test("waits for another one when the first that fits is not the only one", async () => {
      one.engine.start();
      const message = await kept(one);
      const ids = [await invoice(one, { businessKey: "I-1", open: false })];
      ids.push(await invoice(one, { businessKey: "I-1", open: false }));
      await Promise.all(ids.map((id) => issue(one, id)));
      await until(
        async () => (await endOf(one, message.id)).state === "delivered" || (await both()),
      );
      const { state } = await endOf(one, message.id);
      if (state === "kept") {
        granted(await one.engine.orders.send(CLERK, ids[0] ?? "", { type: "CLOSE", payload: {} }));
      }
      await until(async () => (await endOf(one, message.id)).state === "delivered");
      const all = await Promise.all(ids.map((id) => taken(one, id)));
      expect(all.flat()).toHaveLength(1);
      await one.engine.stop();

      async function both(): Promise<boolean> {
        const views = await Promise.all(ids.map((id) => viewed(one, id)));
        return views.every(({ revision }) => revision >= 2);
      }
    });

    test("ends refused when the order that waits does not take it, and holds up nobody behind it", async () => {
      const id = await invoice(one, { businessKey: "I-1", open: false });
      const messages: MessageAnswer[] = [];
      for (let number = 1; number <= 7; number += 1) messages.push(await kept(one));
      await issue(one, id);
      one.engine.start();
      await until(async () => (await endOf(one, messages[6]?.id ?? "")).state !== "kept");
      const ends = await Promise.all(messages.map((message) => endOf(one, message.id)));
      expect(ends.map(({ state }) => state)).toEqual([
        ...Array.from({ length: 5 }, () => "delivered"),
        ...["refused", "refused"],
      ]);
      expect(ends[5]).toMatchObject({ code: "invariant-violated", order: id, revision: null });
      await one.engine.stop();
    });

    test("whose payload does not fit now lets the next one go first, and goes when it fits", async () => {
      const late = await kept(one, { payload: { reference: "late", amount: 7 } });
      await kept(one, { payload: { reference: "early" } });
      const id = await invoice(one, { businessKey: "I-1" });
      one.engine.start();
      await until(async () => JSON.stringify(await taken(one, id)) === '["early"]');
      expect(await endOf(one, late.id)).toMatchObject({ state: "kept" });
      granted(await one.engine.orders.send(CLERK, id, { type: "CLOSE", payload: {} }));
      const other = await invoice(one, { businessKey: "I-1", data: { due: 7 } });
      await until(async () => (await endOf(one, late.id)).order === other);
      await one.engine.stop();
    });

    test("goes before one that comes later, also when no loop has looked yet", async () => {
      const id = await invoice(one, { businessKey: "I-1", open: false });
      await kept(one, { payload: { reference: "first" } });
      await issue(one, id);
      granted(await send(one, { payload: { reference: "second" } }));
      expect(await taken(one, id)).toEqual(["first", "second"]);
    });

    test("of which a hundred wait for one order comes once each, in order, over two servers", async () => {
      const servers = [one, await server(open)];
      const id = await invoice(one, { businessKey: "I-1", open: false, data: { number: 1 } });
      await sendUnbounded(one);
      const count = 100;
      for (let number = 0; number < count; number += 1) {
        await kept(one, { name: "PING", correlation: { number: 1 }, payload: { n: number } });
      }
      for (const each of servers) each.engine.start();
      const ping = granted(
        await one.engine.orders.create(ADMIN, { process: "pinged", data: { number: 1 } }),
      ).order.id;
      await until(async () => (await viewed(one, ping, ADMIN)).revision === count + 1, 60_000);
      expect((await viewed(one, ping, ADMIN)).data["seen"]).toEqual(
        Array.from({ length: count }, (_, number) => number),
      );
      expect((await viewed(one, id, ADMIN)).revision).toBe(1);
      await Promise.all(servers.map((each) => each.engine.stop()));
    }, 90_000);

    test("whose correlation fits hundreds of orders goes to none of them", async () => {
      for (let number = 0; number < 25; number += 1) {
        await invoice(one, { data: { terms: { code: "same" } } });
      }
      const refused = refusal(await send(one, { correlation: { "terms.code": "same" } }));
      expect(refused.code).toBe("message-ambiguous");
      expect(refused.orders).toHaveLength(20);
    });

    test("is withdrawn by its sender or an admin, and by nobody else", async () => {
      const message = await kept(one);
      const { messages } = one.engine;
      const eve = { ...BANK, sub: "eve" };
      expect(refusal(await messages.get(eve, message.id)).code).toBe("not-found");
      expect(refusal(await messages.withdraw(eve, message.id)).code).toBe("not-found");
      expect(granted(await messages.withdraw(ADMIN, message.id)).message.state).toBe("withdrawn");
      expect(granted(await messages.withdraw(BANK, message.id)).message.state).toBe("withdrawn");
      await invoice(one, { businessKey: "I-1" });
      const next = granted(await send(one));
      expect(next).toMatchObject({ order: { revision: 3 } });
    });

    test("is delivered with the authority of its sender then, not of whoever looks", async () => {
      const south = { ...BANK, centres: ["south"] };
      const message = await kept(one, {}, south);
      await invoice(one, { businessKey: "I-1", centre: "north" });
      one.engine.start();
      const id = await invoice(one, { businessKey: "I-1", centre: "south" });
      await until(async () => (await endOf(one, message.id)).order === id);
      await one.engine.stop();
    });

    test("that is out of time is told so, and no order gets it", async () => {
      one.engine.start();
      const message = await kept(one, { ttlSeconds: 1 });
      await until(async () => (await endOf(one, message.id)).state === "expired");
      const id = await invoice(one, { businessKey: "I-1" });
      const withdrawn = refusal(await one.engine.messages.withdraw(BANK, message.id));
      expect(withdrawn.code).toBe("message-ended");
      expect(await taken(one, id)).toEqual([]);
      await one.engine.stop();
    });
  });
});

/** A process that takes as many as come, each with its number. */
async function sendUnbounded({ engine }: Server): Promise<void> {
  const text = `
process: pinged
version: 1.0.0
roles: [bank]
data: { type: object, properties: { number: { type: number }, seen: { type: array, items: { type: number }, default: [] } } }
events: { PING: { by: [bank], payload: { type: object, required: [n], properties: { n: { type: number } } } } }
machine:
  initial: open
  states:
    open: { on: { PING: { actions: [ { type: assign, params: { seen: '= seen + [event.n]' } } ] } } }
`;
  granted(await engine.definitions.publish(ADMIN, { text, format: "yaml" }));
}
