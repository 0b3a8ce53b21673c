/** Built-in jobs: at least once, each with one end; a slot is never given twice. */

import { afterEach, expect, test } from "vitest";
import { StoreUnavailable } from "../../src/store/errors.ts";
import { describeOnDatabases } from "../support/databases.ts";
import {
  ADMIN,
  START,
  createParcel,
  granted,
  parcelServer,
  sent,
  server,
  until,
  viewed,
  type Server,
} from "./engine.ts";

const SLOT = {
  resources: ["bay-1", "ann"],
  from: "2026-11-23T08:00:00.000Z",
  to: "2026-11-23T09:00:00.000Z",
};

describeOnDatabases("built-in jobs", (open) => {
  const running: Server[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map(({ engine }) => engine.stop()));
  });
  const started = (each: Server): Server => {
    each.engine.start();
    running.push(each);
    return each;
  };
  const rested = async (each: Server, id: string) => {
    await until(async () => (await viewed(each, id)).jobs.length === 0);
    return viewed(each, id);
  };

  test("a slot is reserved outside the step, and its answer is an entry of the history", async () => {
    const one = started(await parcelServer(open));
    const { id } = await createParcel(one);
    const waiting = await sent(one, id, "BOOK", SLOT);
    expect(waiting).toMatchObject({ state: "booking", jobs: [{ type: "book", state: "open" }] });
    expect(await rested(one, id)).toMatchObject({ state: "desk", data: { problem: "none" } });
    const { items } = granted(await one.engine.orders.history(ADMIN, id, { after: 2, limit: 9 }));
    expect(items).toMatchObject([
      {
        type: "job.completed",
        actor: { sub: "sevenstep", role: "system" },
        payload: { output: SLOT },
      },
    ]);
    expect(granted(await one.engine.orders.verify(ADMIN, id)).verified).toBe(true);
  });

  test("of twenty orders that want one slot on two servers, one gets it and the others are told", async () => {
    const one = started(await parcelServer(open));
    const two = started(await server(open));
    const orders = await Promise.all(Array.from({ length: 20 }, () => createParcel(one)));
    await Promise.all(
      orders.map(({ id }, index) => sent(index % 2 === 0 ? one : two, id, "BOOK", SLOT)),
    );
    const problems: unknown[] = [];
    for (const { id } of orders) problems.push((await rested(one, id)).data["problem"]);
    expect(problems.filter((problem) => problem === "none")).toHaveLength(1);
    expect(problems.filter((problem) => problem === "slot-taken")).toHaveLength(19);
    const window = { from: Date.parse(SLOT.from), to: Date.parse(SLOT.to) };
    expect(await one.store.reservations.held(["/bay-1", "/ann"], window)).toHaveLength(2);
  });

  test("resources of different centres never meet", async () => {
    const one = started(await parcelServer(open));
    for (const centre of ["north", "south"]) {
      const { id } = await createParcel(one, { centre });
      await sent(one, id, "BOOK", SLOT);
      expect((await rested(one, id)).data["problem"]).toBe("none");
    }
  });

  test("a worker that died after its work is followed by another, and the slot is the same one", async () => {
    const one = await parcelServer(open);
    const { id } = await createParcel(one);
    const booked = await sent(one, id, "BOOK", SLOT);
    const [claimed] = await one.store.jobs.claim({
      types: ["builtin:slot.reserve"],
      worker: "dead",
      limit: 1,
      leaseMs: 50,
    });
    const job = claimed?.id ?? "";
    expect(booked.jobs).toMatchObject([{ id: `${id}.${job}`, type: "book" }]);
    const interval = { from: Date.parse(SLOT.from), to: Date.parse(SLOT.to) };
    const intervals = SLOT.resources.map((name) => ({ resource: `/${name}`, ...interval }));
    await one.store.reservations.reserve({ orderId: id, job, intervals });
    started(one);
    expect((await rested(one, id)).data["problem"]).toBe("none");
  });

  test("a worker that slept through its lease does nothing any more for a job that is over", async () => {
    const hand = { now: Date.parse(START) };
    const one = await parcelServer(open, hand);
    const wakes = Promise.withResolvers<void>();
    let asked = false;
    let answered = false;
    const slow = await server(async (ports) => {
      const store = await open(ports);
      const reserve: typeof store.reservations.reserve = async (request) => {
        asked = true;
        await wakes.promise;
        return store.reservations.reserve(request).finally(() => {
          answered = true;
        });
      };
      return { ...store, reservations: { ...store.reservations, reserve } };
    }, hand);
    const { id } = await createParcel(one);
    await sent(one, id, "BOOK", SLOT);
    started(slow);
    await until(() => Promise.resolve(asked));
    hand.now += 60_000;
    started(one);
    expect((await rested(one, id)).data["problem"]).toBe("none");
    expect(await one.store.reservations.release(id)).toBe(2);
    wakes.resolve();
    await until(() => Promise.resolve(answered));
    const window = { from: Date.parse(SLOT.from), to: Date.parse(SLOT.to) };
    expect(await one.store.reservations.held(["/bay-1", "/ann"], window)).toEqual([]);
  });

  test("a slot that can't be is the job's failure, not an accident", async () => {
    const one = started(await parcelServer(open));
    const { id } = await createParcel(one);
    await sent(one, id, "BOOK", { ...SLOT, to: SLOT.from });
    expect((await rested(one, id)).data["problem"]).toBe("input-invalid");
  });

  test("a slot whose reserving failed in the end is free, also when only the answers were lost", async () => {
    const one = await parcelServer(open);
    const two = await server(async (ports) => {
      const store = await open(ports);
      const reserve: typeof store.reservations.reserve = async (request) => {
        await store.reservations.reserve(request);
        throw new StoreUnavailable("the answer got lost");
      };
      return { ...store, reservations: { ...store.reservations, reserve } };
    });
    const { id } = await createParcel(one);
    await sent(one, id, "BOOK", SLOT);
    started(two);
    expect((await rested(two, id)).data["problem"]).toBe("retries-exhausted");
    const window = { from: Date.parse(SLOT.from), to: Date.parse(SLOT.to) };
    expect(await one.store.reservations.held(["/bay-1", "/ann"], window)).toEqual([]);
  });

  test("a slot that was reserved for a job that is withdrawn is free again", async () => {
    const one = await parcelServer(open);
    const { id } = await createParcel(one);
    const reserved = Promise.withResolvers<void>();
    const withdrawn = Promise.withResolvers<void>();
    const slow = started(
      await server(async (ports) => {
        const store = await open(ports);
        const reserve: typeof store.reservations.reserve = async (request) => {
          const result = await store.reservations.reserve(request);
          reserved.resolve();
          await withdrawn.promise;
          return result;
        };
        return { ...store, reservations: { ...store.reservations, reserve } };
      }),
    );
    await sent(one, id, "BOOK", SLOT);
    await reserved.promise;
    const window = { from: Date.parse(SLOT.from), to: Date.parse(SLOT.to) };
    expect(await one.store.reservations.held(["/bay-1", "/ann"], window)).toHaveLength(2);
    await sent(one, id, "CALL_OFF");
    expect(await one.store.reservations.held(["/bay-1", "/ann"], window)).toEqual([]);
    withdrawn.resolve();
    await slow.engine.stop();
    expect(await one.store.reservations.held(["/bay-1", "/ann"], window)).toEqual([]);
    expect(await viewed(one, id)).toMatchObject({ state: "desk", status: "active" });
  });

  test("a defect at a job that another worker has by now leaves the job to that worker", async () => {
    const hand = { now: Date.parse(START) };
    const one = await parcelServer(open, hand);
    const asked = Promise.withResolvers<void>();
    const fails = Promise.withResolvers<never>();
    const slow = started(
      await server(async (ports) => {
        const store = await open(ports);
        const release = (): Promise<never> => {
          asked.resolve();
          return fails.promise;
        };
        const reserve = () => Promise.reject(new Error("no luck"));
        return { ...store, reservations: { ...store.reservations, reserve, release } };
      }, hand),
    );
    const { id } = await createParcel(one);
    await sent(one, id, "BOOK", SLOT);
    await asked.promise;
    hand.now += 60_000;
    const claim = { types: ["builtin:slot.reserve"], worker: "other", limit: 1, leaseMs: 60_000 };
    const [claimed] = await one.store.jobs.claim(claim);
    fails.reject(new Error("undoing failed as well"));
    await until(() => Promise.resolve(slow.logged().includes("a job failed")));
    await slow.engine.stop();
    const job = await one.store.jobs.get(id, claimed?.id ?? "");
    expect(job).toMatchObject({ state: "leased", worker: "other" });
    expect((await viewed(one, id)).status).toBe("active");
  });

  test("an attempt whose server died is the last one when retries are out", async () => {
    const hand = { now: Date.parse(START) };
    const one = await parcelServer(open, hand);
    const { id } = await createParcel(one);
    await sent(one, id, "BOOK", SLOT);
    const claim = { types: ["builtin:slot.reserve"], worker: "dead", limit: 1, leaseMs: 1_000 };
    for (const attempts of [1, 2]) {
      expect(await one.store.jobs.claim(claim)).toMatchObject([{ attempts }]);
      hand.now += 1_000;
    }
    expect(await one.store.jobs.claim(claim)).toEqual([]);
    started(one);
    expect((await rested(one, id)).data["problem"]).toBe("retries-exhausted");
  });

  test("accidents are tried again after the back-off, and then are the job's failure", async () => {
    const one = await parcelServer(open);
    let attempts = 0;
    const broken = {
      ...one.store.reservations,
      reserve: () => {
        attempts += 1;
        return Promise.reject(new Error("no luck"));
      },
    };
    const two = await server(async (ports) => ({ ...(await open(ports)), reservations: broken }));
    const { id } = await createParcel(one);
    await sent(one, id, "BOOK", SLOT);
    started(two);
    expect((await rested(two, id)).data["problem"]).toBe("retries-exhausted");
    expect(attempts).toBe(2);
    expect(two.logged()).toContain("an attempt at a job failed");
  });
});
