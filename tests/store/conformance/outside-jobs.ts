/** Conformance: jobs of outside workers are offered to whom they are for, and a claim that ended counts until the next. */

import { describe, expect, test } from "vitest";

import type { Claimant, ClaimRequest, JobLease } from "../../../src/store/contracts/jobs.ts";
import { LeaseLost } from "../../../src/store/errors.ts";
import type { Store } from "../../../src/store/store.ts";
import type { OpenStore } from "../../support/databases.ts";
import { advance, everything, numbers, type Wanted } from "../fixtures.ts";

const past = Date.UTC(2020, 0, 1);
const LEASE_MS = 30_000;

export function outsideJobsConform(open: OpenStore): void {
  describe("jobs of outside workers", () => {
    test("are offered to those who reach their centre, each to one, the oldest first", async () => {
      let clock = past;
      const store = await open({ clock: () => clock });
      for (const [number, centre] of [...["sh-01", "bj-02", "sh-01", null], "bj-02"].entries()) {
        clock += 1;
        await advance(store, `o${number}`, { head: { centre }, opened: [job("1.1")] });
      }
      expect(await store.jobs.offered(["reserve", "wash"])).toEqual(["reserve"]);
      const ids = async (claimant: Partial<Claimant>, limit = 10) =>
        (await store.jobs.claim(asked(claimant, { limit }))).map(({ orderId }) => orderId);
      expect(await ids({ scope: { centres: [] } })).toEqual([]);
      expect(await ids({ scope: { centres: ["sh-01", "bj-02"] } }, 2)).toEqual(["o0", "o1"]);
      expect(await ids({ scope: { centres: ["bj-02", "bj-02", "no"] } })).toEqual(["o4"]);
      expect(await ids({})).toEqual(["o2", "o3"]);
      expect(await ids({})).toEqual([]);
      expect(await store.jobs.offered(["reserve"])).toEqual([]);
    });

    test("are offered by role, where a claimant may not do them all", async () => {
      const store = await open();
      await advance(store, "o1", {
        opened: [
          job("1.1", { roles: ["porter", "lead"] }),
          job("1.2", { roles: ["clerk"] }),
          job("1.3"),
        ],
      });
      const ids = async (roles: Claimant["roles"]) =>
        (await store.jobs.claim(asked({ roles }))).map(({ id }) => id);
      expect(await ids([])).toEqual([]);
      expect(await ids(["lead", "driver"])).toEqual(["1.1"]);
      expect(await ids("*")).toEqual(["1.2", "1.3"]);
    });

    test("are offered and listed of one process alone, where that is asked for", async () => {
      let clock = past;
      const store = await open({ clock: () => clock });
      for (const [number, process] of ["letters", "invoices", "letters"].entries()) {
        clock += 1;
        await advance(store, `o${number}`, { head: { process }, opened: [job("1.1")] });
      }
      const ids = async (process: string, scope: Claimant["scope"] = everything) =>
        (await store.jobs.claim(asked({ scope }, { process, limit: 9 }))).map(
          ({ orderId }) => orderId,
        );
      const listed = await store.jobs.list({ process: "letters", limit: 9 }, everything);
      expect(listed.items.map(({ orderId }) => orderId)).toEqual(["o2", "o0"]);
      expect(await ids("letters", { centres: ["bj-02"] })).toEqual([]);
      expect(await ids("none")).toEqual([]);
      expect(await ids("invoices")).toEqual(["o1"]);
      expect(await ids("letters")).toEqual(["o0", "o2"]);
    });

    test("come with what their order is, and are listed newest first", async () => {
      let clock = past;
      const store = await open({ clock: () => clock });
      for (const number of numbers(3)) {
        clock += 1;
        const head = { businessKey: `WO-${number}`, centre: number === 3 ? null : "sh-01" };
        await advance(store, `o${number}`, {
          head,
          opened: [job("1.1"), job("1.2", { type: "wash" })],
        });
      }
      const [first] = await store.jobs.claim(asked({}, { limit: 1 }));
      expect(first?.order).toMatchObject({
        ...{ id: "o1", process: "service-visit", version: "1.0.0", businessKey: "WO-1" },
        ...{ centre: "sh-01", revision: 1 },
      });
      const shanghai = { centres: ["sh-01"] };
      const all = await store.jobs.list({ limit: 3 }, shanghai);
      expect(all.items.map(({ orderId, id }) => [orderId, id])).toEqual([
        ["o2", "1.2"],
        ["o2", "1.1"],
        ["o1", "1.2"],
      ]);
      const cursor = all.nextCursor ?? "";
      const rest = await store.jobs.list({ limit: 3, cursor }, shanghai);
      expect(rest).toMatchObject({ items: [{ id: "1.1", state: "leased" }], nextCursor: null });
      const open1 = await store.jobs.list({ type: "reserve", state: "open", limit: 9 }, everything);
      expect(open1.items.map(({ orderId }) => orderId)).toEqual(["o3", "o2"]);
      const ofOne = await store.jobs.list(
        { orderId: "o1", without: ["wash"], limit: 9 },
        everything,
      );
      expect(ofOne.items.map(({ id }) => id)).toEqual(["1.1"]);
      clock += LEASE_MS;
      expect((await store.jobs.list({ state: "leased", limit: 9 }, everything)).items).toEqual([]);
    });

    test("whose last claim ended end by it still, until another claims", async () => {
      let clock = past;
      const store = await open({ clock: () => clock });
      await advance(store, "o1", { opened: [job("1.1")] });
      const slow = only(await store.jobs.claim(asked({ sub: "slow" })));
      expect(await store.jobs.lastClaim("o1", "1.1")).toEqual({
        ...{ by: "slow", attempts: 1, lease: slow },
      });
      clock += LEASE_MS;
      const closing = (lease: JobLease): Wanted => ({ closed: ["1.1"], lease });
      await expect(advance(store, "o1", closing(slow))).rejects.toThrow(LeaseLost);
      const early: JobLease = { ...slow, must: "have ended" };
      clock -= 1;
      await expect(advance(store, "o1", closing(early))).rejects.toThrow(LeaseLost);
      const fast = only(await claimedAfter(LEASE_MS));
      await expect(advance(store, "o1", closing({ ...slow, must: "be last" }))).rejects.toThrow(
        LeaseLost,
      );
      clock += 2 * LEASE_MS;
      expect(await advance(store, "o1", closing({ ...fast, must: "be last" }))).toBe(2);
      expect(await store.jobs.lastClaim("o1", "1.1")).toBeNull();

      async function claimedAfter(ms: number) {
        clock += ms;
        return store.jobs.claim(asked({ sub: "fast" }));
      }
    });

    test("are exhausted when the lease of their last attempt ends, and offered no more", async () => {
      let clock = past;
      const store = await open({ clock: () => clock });
      await advance(store, "o1", { opened: [job("1.1", { retries: 1 }), job("1.2")] });
      for (const attempts of numbers(2)) {
        expect(await store.jobs.claim(asked({}))).toMatchObject([{ attempts }, { attempts }]);
        expect(await store.jobs.exhausted(10)).toEqual([]);
        clock += LEASE_MS;
      }
      const lease = { orderId: "o1", id: "1.1", must: "have ended" };
      expect(await store.jobs.exhausted(10)).toMatchObject([lease]);
      expect(await store.jobs.claim(asked({}))).toMatchObject([{ id: "1.2", attempts: 3 }]);
      const incident = { subject: "1.1", code: "x", detail: "y", pointer: null };
      await store.incidents.open("o1", { kind: "job", ...incident });
      expect(await store.jobs.exhausted(10)).toEqual([]);
    });

    test("given back by a decision are offered after the pause, by the last claim only", async () => {
      let clock = past;
      const store = await open({ clock: () => clock });
      await advance(store, "o1", { opened: [job("1.1")] });
      const lease = only(await store.jobs.claim(asked({})));
      const release = (): Promise<string> =>
        store.change("o1", () => ({
          ...{ kind: "release", lease: { ...lease, must: "be last" } },
          ...{ retryInMs: 500, result: "released" },
        }));
      expect(await release()).toBe("released");
      await expect(release()).rejects.toThrow(LeaseLost);
      expect(await store.orders.get("o1", everything)).toMatchObject({ revision: 1 });
      expect(await store.jobs.claim(asked({}))).toEqual([]);
      clock += 500;
      expect(await store.jobs.claim(asked({}))).toHaveLength(1);
    });

    test("that closed without their result free what was reserved for them, also while it is reserved", async () => {
      const stores = await Promise.all([open(), open()]);
      const window = { from: past, to: past + 1_000 };
      for (const number of numbers(10)) {
        const orderId = `o${number}`;
        const resource = `bay-${number}`;
        await advance(stores[0], orderId, { opened: [job("1.1"), job("1.2")] });
        const leases = await leasesOf(stores[0]);
        const intervals = [{ resource, ...window }];
        const other = { ...intervals[0], resource: `${resource}-kept` };
        await stores[0].reservations.reserve({
          orderId,
          job: "1.2",
          intervals: [{ ...window, resource: other.resource }],
        });
        const reserving = stores[0].reservations.reserve({
          ...{ orderId, job: "1.1", intervals },
          lease: leases.find(({ id }) => id === "1.1") ?? { orderId, id: "1.1", token: "" },
        });
        const both = [
          reserving,
          advance(stores[1], orderId, { closed: ["1.1", "1.2"], undone: ["1.1"] }),
        ];
        const [, closed] = await Promise.allSettled(both);
        expect(closed).toMatchObject({ status: "fulfilled" });
        const held = await stores[0].reservations.held([resource, other.resource], window);
        expect(held.map((each) => each.resource)).toEqual([other.resource]);
      }
    });
  });
}

function asked(claimant: Partial<Claimant>, more: Partial<ClaimRequest> = {}): ClaimRequest {
  return {
    ...{ types: ["reserve"], worker: "w1", limit: 10, leaseMs: LEASE_MS },
    claimant: { sub: "worker-1", scope: everything, roles: "*", ...claimant },
    ...more,
  };
}

async function leasesOf(store: Store): Promise<readonly JobLease[]> {
  return (await store.jobs.claim(asked({}))).map(({ lease }) => lease);
}

function only(claimed: readonly { readonly lease: JobLease }[]): JobLease {
  const [first] = claimed;
  if (first === undefined || claimed.length > 1) throw new Error("expected one claim");
  return first.lease;
}

function job(
  id: string,
  more: {
    readonly type?: string;
    readonly roles?: readonly string[];
    readonly retries?: number;
  } = {},
) {
  return { id, type: "reserve", item: null, input: {}, ...more };
}
