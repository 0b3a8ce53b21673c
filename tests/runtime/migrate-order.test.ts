/** Orders that are brought into another version: what is stored of them is what happened, and everybody works on with them. */

import { expect, test } from "vitest";
import type { MigrateRequest } from "../../src/runtime/contracts/migrations.ts";
import type { Caller } from "../../src/runtime/engine.ts";
import { describeOnDatabases } from "../support/databases.ts";
import {
  ADMIN,
  CLERK,
  createParcel,
  granted,
  parcelServer,
  refusal,
  sent,
  server,
  START,
  viewed,
  type Server,
} from "./engine.ts";
import { GARAGE } from "./garage.ts";
import { PARCEL } from "./parcel.ts";

const HOUR_MS = 3_600_000;

/** Weight is personal now, deskwork takes longer, and handing over is not for whoever weighed. */
const PARCEL_2 = PARCEL.replace("version: 1.0.0", "version: 2.0.0")
  .replace(
    "weight: { type: number, default: 1 }",
    "weight: { type: number, default: 1 }\n    label: { type: string, x-personal: true, maxLength: 9 }",
  )
  .replace(
    "    desk:\n      meta",
    "    counter:\n      after: { PT1H: { actions: [ { type: assign, params: { tries: 9 } } ] } }\n      meta",
  )
  .replace("initial: desk", "initial: counter")
  .replaceAll(/target: desk\b/g, "target: counter")
  .replace("CALL_OFF: desk", "CALL_OFF: counter")
  .concat("separation:\n  - { event: HAND_OVER, notBy: [WEIGH] }\n");
const TO_2: MigrateRequest = {
  to: "2.0.0",
  rules: { states: { desk: "counter" }, data: { label: "none" } },
};

async function publish({ engine }: Server, text: string): Promise<void> {
  granted(await engine.definitions.publish(ADMIN, { text, format: "yaml" }));
}

describeOnDatabases("orders that are migrated", (open) => {
  async function migrated(one: Server, id: string, request: MigrateRequest = TO_2, caller = ADMIN) {
    return granted(await one.engine.orders.migrate(caller, id, request));
  }

  async function parcels(hand = { now: Date.parse(START) }) {
    const one = await parcelServer(open, hand);
    await publish(one, PARCEL_2);
    return { one, hand };
  }

  async function isProven({ engine }: Server, id: string): Promise<unknown> {
    const { verified, entries, firstDivergence } = granted(await engine.orders.verify(ADMIN, id));
    return verified ? entries : firstDivergence;
  }

  test("live under the new version from one entry on, and their history proves it", async () => {
    const { one } = await parcels();
    const { id } = await createParcel(one);
    await sent(one, id, "NOTE", { note: "n1", text: "ring twice" });
    const { order, migrated: told } = await migrated(one, id, { ...TO_2, reason: "new rules" });
    expect(order).toMatchObject({
      ...{ version: "2.0.0", revision: 3, state: "counter", step: "intake" },
      data: { recipient: "Grace Hopper", label: "none", weight: 1 },
      items: { notes: [{ id: "n1", text: "ring twice", state: "open" }] },
    });
    expect(told).toMatchObject({
      ...{ from: "1.0.0", to: "2.0.0", before: "desk", after: "counter" },
      timers: { begun: ["counter"], ended: [] },
    });
    expect(await viewed(one, id)).toEqual(await viewed(one, id));
    const lines = granted(await one.engine.orders.lines(ADMIN, id, { after: 2, limit: 9 })).lines;
    const entry: unknown = JSON.parse(lines[0] ?? "");
    expect(entry).toMatchObject({
      ...{ type: "order.migrated", actor: { sub: "root", role: "admin" } },
      payload: {
        from: { version: "1.0.0" },
        to: { version: "2.0.0" },
        states: { desk: ["counter"] },
        data: { label: expect.stringMatching(/^sealed:/) },
        reason: expect.stringMatching(/^sealed:/),
      },
      sealed: { "/data/label": expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(await isProven(one, id)).toBe(3);
    await sent(one, id, "HAND_OVER");
    expect(await isProven(one, id)).toBe(4);
    expect(granted(await one.engine.orders.at(ADMIN, id, { revision: 2 })).order).toMatchObject({
      ...{ version: "1.0.0", state: "desk" },
    });
  });

  test("keep what they wait for, and are kept from nobody's eyes in lists", async () => {
    const { one, hand } = await parcels();
    const { id } = await createParcel(one);
    await sent(one, id, "NOTE", { note: "n1", text: "x" });
    await migrated(one, id);
    const listed = await one.engine.orders.list(ADMIN, { version: "2.0.0" }, { limit: 9 });
    expect(listed.items.map((each) => each.id)).toEqual([id]);
    const due = await one.store.timers.due(9);
    expect(due).toEqual([]);
    hand.now += HOUR_MS;
    expect((await one.store.timers.due(9)).map((timer) => timer.id)).toEqual(["3.1"]);
    hand.now += HOUR_MS;
    expect((await one.store.timers.due(9)).map((timer) => timer.id).toSorted()).toEqual([
      "2.1",
      "3.1",
    ]);
  });

  test("keep duties separate that were done under the version before", async () => {
    const { one } = await parcels();
    const { id } = await createParcel(one);
    await sent(one, id, "WEIGH", { weight: 2 });
    await migrated(one, id);
    const byWeigher = await one.engine.orders.send(CLERK, id, { type: "HAND_OVER", payload: {} });
    expect(refusal(byWeigher).code).toBe("separation-violated");
    const other: Caller = { ...CLERK, sub: "cy" };
    granted(await one.engine.orders.send(other, id, { type: "HAND_OVER", payload: {} }));
    expect(await isProven(one, id)).toBe(4);
  });

  test("come back as they were", async () => {
    const { one } = await parcels();
    const { id } = await createParcel(one);
    const before = await viewed(one, id);
    await migrated(one, id);
    await migrated(one, id, {
      to: "1.0.0",
      rules: { states: { counter: "desk" }, drop: ["label"] },
    });
    const { revision: _r, updatedAt: _u, ...after } = await viewed(one, id);
    expect(before).toMatchObject(after);
    expect(await isProven(one, id)).toBe(3);
  });

  test("are tried without being moved", async () => {
    const { one } = await parcels();
    const { id } = await createParcel(one);
    const before = await viewed(one, id);
    const { order } = await migrated(one, id, { ...TO_2, isDryRun: true });
    expect(order).toMatchObject({ version: "2.0.0", state: "counter", data: { label: "none" } });
    expect(await viewed(one, id)).toEqual(before);
  });

  test("are moved once under one idempotency key", async () => {
    const { one } = await parcels();
    const { id } = await createParcel(one);
    const options = { idempotency: { key: "k", fingerprint: "f" } };
    const both = [
      await one.engine.orders.migrate(ADMIN, id, TO_2, options),
      await one.engine.orders.migrate(ADMIN, id, TO_2, options),
    ];
    expect(both.map((each) => granted(each).order.revision)).toEqual([2, 2]);
  });

  test("are refused to whoever is no admin, without a place to go, by rules that name what is not there or give what may not be", async () => {
    const { one } = await parcels();
    const { id } = await createParcel(one);
    const { migrate } = one.engine.orders;
    const answers = [
      await migrate(CLERK, id, TO_2),
      await migrate(ADMIN, id, { to: "2.0.0" }),
      await migrate(ADMIN, id, { to: "3.0.0" }),
      await migrate(ADMIN, id, { to: "2.0.0", rules: { states: { shop: "desk" } } }),
      await migrate({ ...ADMIN, centres: ["north"] }, id, TO_2),
      await migrate(ADMIN, id, {
        ...TO_2,
        rules: { ...TO_2.rules, data: { label: "= 'far too long ' + string(weight)" } },
      }),
    ];
    expect(answers.map((answer) => refusal(answer).code)).toEqual([
      ...["role-not-allowed", "migration-undecided", "definition-unknown"],
      ...["migration-rules-invalid", "not-found", "data-invalid"],
    ]);
    expect((await viewed(one, id)).revision).toBe(1);
  });

  test("go on with their tasks and whoever took them, where the task is the same", async () => {
    const one = await server(open);
    await publish(one, GARAGE);
    const second = GARAGE.replace("version: 1.0.0", "version: 2.0.0").replace(
      "form: { meta: { element: userTask, role: advisor }",
      "form: { meta: { element: userTask, role: customer }",
    );
    await publish(one, second);
    const anybody: Caller = { sub: "al", roles: ["advisor", "technician", "admin"], centres: null };
    const { order } = granted(await one.engine.orders.create(anybody, { process: "garage" }));
    granted(await one.engine.orders.send(anybody, order.id, { type: "ACCEPT", payload: {} }));
    const tasks = async () => (await one.engine.tasks.list(anybody, {}, { limit: 9 })).items;
    for (const { id } of await tasks()) granted(await one.engine.tasks.claim(anybody, id, {}));
    await migrated(one, order.id, { to: "2.0.0" });
    expect(
      (await tasks()).map(({ id, state, role, assignee }) => ({ id, state, role, assignee })),
    ).toEqual([
      { id: `${order.id}.2.1`, state: "work.hands.todo", role: "technician", assignee: "al" },
      { id: `${order.id}.3.1`, state: "work.papers.form", role: "customer", assignee: null },
    ]);
    expect(await isProven(one, order.id)).toBe(3);
  });

  test("are rebuilt from a checkpoint before and their history", async () => {
    const { one } = await parcels();
    const { id } = await createParcel(one);
    for (let count = 0; count < 9; count += 1) await sent(one, id, "WEIGH", { weight: count + 1 });
    await migrated(one, id);
    const whole = await viewed(one, id);
    expect((await one.store.orders.checkpoint(id))?.revision).toBe(whole.revision);
    await one.store.orders.forgetSnapshots(id);
    expect(await viewed(one, id)).toEqual(whole);
  });

  test("go on with what others send at the same time, on two servers", async () => {
    const { one, hand } = await parcels();
    const two = await server(open, hand);
    const orders = await Promise.all(Array.from({ length: 12 }, () => createParcel(one)));
    const ids = orders.map(({ id }) => id);
    const crowd = ids.flatMap((id) => [
      ...[1, 2, 3, 4].map((weight) =>
        one.engine.orders.send(CLERK, id, { type: "WEIGH", payload: { weight } }),
      ),
      two.engine.orders.migrate(ADMIN, id, TO_2),
      two.engine.orders.send(CLERK, id, { type: "BREAK", payload: {} }),
    ]);
    const answers = await Promise.all(crowd);
    expect(answers.filter(({ kind }) => kind === "refused")).toEqual([]);
    const after = await Promise.all(ids.map((id) => viewed(two, id)));
    expect(after.map(({ version, revision }) => [version, revision])).toEqual(
      ids.map(() => ["2.0.0", 7]),
    );
    // Whoever weighed before or after may not hand over.
    const { id = "" } = after[0] ?? {};
    const over = await one.engine.orders.send(CLERK, id, { type: "HAND_OVER", payload: {} });
    expect(refusal(over).code).toBe("separation-violated");
    expect(await Promise.all(ids.map((each) => isProven(one, each)))).toEqual(ids.map(() => 7));
  });
});
