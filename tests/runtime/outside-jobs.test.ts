/** Jobs of outside workers under races, lost workers and a clock that jumps: each has one end, over any number of servers. */

import { sql } from "kysely";
import { afterEach, expect, test } from "vitest";
import type { ClaimedJob } from "../../src/runtime/contracts/jobs.ts";
import type { Caller } from "../../src/runtime/engine.ts";
import { describeOnDatabases } from "../support/databases.ts";
import {
  ADMIN,
  START,
  granted,
  refusal,
  server,
  until,
  viewed,
  type Hand,
  type Server,
} from "./engine.ts";

const STAMP = `
process: sheet
version: 1.0.0
data: { type: object, properties: { stamps: { type: integer, default: 0 } } }
jobs: { stamp: { retries: 1, backoff: PT1S } }
machine:
  initial: open
  states:
    open: { invoke: { src: stamp, onDone: { target: done, actions: [{ type: assign, params: { stamps: '= stamps + 1' } }] } } }
    done: { type: final }
`;

const ANN: Caller = { sub: "ann", roles: ["worker"], centres: null };
const BO: Caller = { sub: "bo", roles: ["worker"], centres: null };
const LEASE_S = 30;
const REQUEST = { types: ["stamp"], max: 1, leaseSeconds: LEASE_S };

describeOnDatabases("jobs of outside workers", (open, _kind, raw) => {
  const running: Server[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map(({ engine }) => engine.stop()));
  });
  const started = (each: Server): Server => {
    each.engine.start();
    running.push(each);
    return each;
  };
  const sheetServer = async (hand: Hand): Promise<Server> => {
    const one = await server(open, hand);
    granted(await one.engine.definitions.publish(ADMIN, { text: STAMP, format: "yaml" }));
    return one;
  };
  const created = async ({ engine }: Server): Promise<string> =>
    granted(await engine.orders.create(ADMIN, { process: "sheet" })).order.id;
  const claimed = async ({ engine }: Server, caller: Caller): Promise<ClaimedJob> => {
    const [first] = (await engine.jobs.claim(caller, REQUEST)).items;
    if (first === undefined) throw new Error("expected a job");
    return first;
  };
  const ends = async ({ engine }: Server, id: string): Promise<readonly string[]> => {
    const { items } = granted(await engine.orders.history(ADMIN, id, { after: 1, limit: 9 }));
    return items.map(({ type, actor }) => `${type} ${actor.sub}`);
  };

  test("a claim that ended and the one after it complete at once: one of them does", async () => {
    const hand = { now: Date.parse(START) };
    const one = await sheetServer(hand);
    const two = await server(open, hand);
    for (let round = 0; round < 12; round += 1) {
      const id = await created(one);
      const old = await claimed(one, ANN);
      hand.now += LEASE_S * 1_000;
      const [slow, claim] = await Promise.all([
        one.engine.jobs.complete(ANN, old.id, { leaseToken: old.leaseToken }),
        two.engine.jobs.claim(BO, REQUEST),
      ]);
      const [next] = claim.items;
      const fast = next && (await two.engine.jobs.complete(BO, next.id, {}));
      const results = [slow, ...(fast === undefined ? [] : [fast])];
      expect(results.filter(({ kind }) => kind === "ok")).toHaveLength(1);
      for (const result of results.filter((each) => each.kind === "refused")) {
        expect(["lease-lost", "job-unknown"]).toContain(result.code);
      }
      expect(await ends(one, id)).toHaveLength(1);
      expect((await viewed(one, id, ADMIN)).data["stamps"]).toBe(1);
    }
  });

  test("completed three times at once over two servers under one key, it ends once with one answer", async () => {
    const hand = { now: Date.parse(START) };
    const one = await sheetServer(hand);
    const two = await server(open, hand);
    const id = await created(one);
    const job = await claimed(one, ANN);
    const idempotency = { key: "k", fingerprint: "f" };
    const send = (each: Server) =>
      settled(async () => each.engine.jobs.complete(ANN, job.id, {}, { idempotency }));
    const results = await Promise.all([send(one), send(two), send(one)]);
    const texts = results.map((result) => JSON.stringify(granted(result).order));
    expect(new Set(texts).size).toBe(1);
    expect(await ends(one, id)).toEqual(["job.completed ann"]);
  });

  test("whose workers never come back waits in one incident, over two servers", async () => {
    const hand = { now: Date.parse(START) };
    const one = started(await sheetServer(hand));
    const two = started(await server(open, hand));
    const ids = await Promise.all(Array.from({ length: 10 }, () => created(one)));
    for (const attempt of [1, 2]) {
      const all = await two.engine.jobs.claim(ANN, { ...REQUEST, max: 100 });
      expect(all.items.map((job) => job.attempt)).toEqual(ids.map(() => attempt));
      hand.now += LEASE_S * 1_000;
    }
    expect((await one.engine.jobs.claim(ANN, { ...REQUEST, max: 100 })).items).toEqual([]);
    await until(async () => {
      const stuck = await one.engine.incidents.list(ADMIN, { status: "open" }, { limit: 99 });
      return stuck.items.length === ids.length;
    });
    const { items } = await one.engine.incidents.list(ADMIN, {}, { limit: 99 });
    expect(new Set(items.map(({ order }) => order))).toEqual(new Set(ids));
    expect(new Set(items.map(({ code }) => code))).toEqual(new Set(["retries-exhausted"]));
    // Retried, all attempts are there again, and the old claim is worth nothing.
    const [incident] = items;
    granted(await two.engine.incidents.retry(ADMIN, incident?.id ?? "", "workers are back"));
    expect(await claimed(one, BO)).toMatchObject({ attempt: 1, retriesLeft: 1 });
  });

  test("with a worker that comes back before anybody noticed is completed after all", async () => {
    const hand = { now: Date.parse(START) };
    const one = await sheetServer(hand);
    const id = await created(one);
    await claimed(one, ANN);
    hand.now += LEASE_S * 1_000;
    const last = await claimed(one, ANN);
    hand.now += 10 * LEASE_S * 1_000;
    granted(await one.engine.jobs.complete(ANN, last.id, { leaseToken: last.leaseToken }));
    started(one);
    hand.now += 1_000;
    await one.engine.jobs.claim(ANN, REQUEST);
    expect(await ends(one, id)).toEqual(["job.completed ann"]);
    expect(await viewed(one, id, ADMIN)).toMatchObject({ status: "done" });
  });

  test("is not lost when the clock jumps back, and not doubled when it jumps forward", async () => {
    const hand = { now: Date.parse(START) };
    const one = await sheetServer(hand);
    const id = await created(one);
    const first = await claimed(one, ANN);
    hand.now -= 3_600_000;
    expect((await one.engine.jobs.claim(BO, REQUEST)).items).toEqual([]);
    expect(granted(await one.engine.jobs.extend(ANN, first.id, { leaseSeconds: 5 })).id).toBe(
      first.id,
    );
    hand.now += 7_200_000;
    const second = await claimed(one, BO);
    const late = await one.engine.jobs.complete(ANN, first.id, { leaseToken: first.leaseToken });
    expect(refusal(late).code).toBe("lease-lost");
    granted(await one.engine.jobs.complete(BO, second.id, {}));
    expect(await ends(one, id)).toEqual(["job.completed bo"]);
    expect(granted(await one.engine.orders.verify(ADMIN, id)).verified).toBe(true);
  });

  test("that a server of the release before opened are offered in their order's centre", async () => {
    const one = await sheetServer({ now: Date.parse(START) });
    const request = { process: "sheet", centre: "north" };
    const { order } = granted(await one.engine.orders.create(ADMIN, request));
    const { db } = await raw();
    // Such a server knows none of these columns.
    await sql`update jobs set centre = default, roles = default, retries = default`.execute(db);
    const south: Caller = { ...BO, centres: ["south"] };
    expect((await one.engine.jobs.claim(south, REQUEST)).items).toEqual([]);
    const north: Caller = { ...ANN, centres: ["north"] };
    expect((await claimed(one, north)).order).toMatchObject({ id: order.id, centre: "north" });
  });
});

/** As a careful client does while its first request is under way. */
async function settled<Result extends { readonly kind: string; readonly code?: string }>(
  send: () => Promise<Result>,
): Promise<Result> {
  for (;;) {
    const result = await send();
    if (result.code !== "idempotency-in-progress") return result;
  }
}
