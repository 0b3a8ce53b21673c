/** Virtual clocks: an order on one lives through days in a moment, and each of its timers fires at its very due instant. */

import type { Instant } from "../../machines/order.ts";
import { epochMs, formatInstant } from "../../machines/time/instant.ts";
import type { DueTimer, TestClock as StoredClock } from "../store/contracts/time.ts";
import type { EpochMs, StoredOrder } from "../store/store.ts";
import { orderOf } from "./apply.ts";
import { BUILTIN_TYPES } from "./builtin-jobs.ts";
import { ofNoCentre, reachesNothing, scopeOf } from "./caller.ts";
import type { AdvanceResult, Caller, TestClock, TestClocks } from "./engine.ts";
import { uuidv7 } from "./ids.ts";
import { inLanes } from "./lanes.ts";
import type { Workshop } from "./own-event.ts";
import type { Clock, Ports } from "./ports.ts";
import { refused, type Refused } from "./refusal.ts";
import { fireTimer } from "./timers.ts";

export interface TestClockPorts {
  readonly workshop: Workshop;
  readonly clock: Clock;
  /** Does what built-in jobs are offered. */
  readonly runJobs: () => Promise<unknown>;
  /** About as many timers fire in one advance; absent: `MAX_FIRED`. */
  readonly maxFired?: number;
}

/** Some twenty seconds' work on a small machine: nobody can take back what was asked for, so it is done in parts. */
const MAX_FIRED = 10_000;
/** Timers of one order at one instant; a process whose timers set one another without an end is stopped here. */
const MAX_AT_ONCE = 1_000;
const PAGE_TIMERS = 1_000;
/** Orders at once: a write on a test clock takes a connection for itself. */
const LANES = 4;
/** How long the built-in jobs of an order may take before its clock goes on. */
const MAX_WAIT_MS = 30_000;
const POLL_MS = 20;

export function createTestClocks(ports: TestClockPorts): TestClocks {
  const { store, random } = ports.workshop;
  return {
    create: (caller, now) => createTestClock({ store, random, clock: ports.clock }, caller, now),
    get: async (caller, id) => {
      const found = await store.testClocks.get(id, scopeOf(caller));
      return found === null ? clockUnknown(id) : { kind: "ok", ...clockAnswer(found) };
    },
    advance: (caller, id, to) => advance(ports, caller, id, to),
  };
}

export async function createTestClock(
  ports: Pick<Ports, "store" | "random" | "clock">,
  caller: Caller,
  now: Instant | undefined,
): Promise<({ readonly kind: "ok" } & TestClock) | Refused> {
  const { store } = ports;
  if (reachesNothing(caller)) return ofNoCentre("a test clock");
  const at = now === undefined ? await store.now() : epochMs(now);
  const created = await store.testClocks.create(uuidv7(ports), at, scopeOf(caller));
  if (created === null) throw new Error("Expected a fresh id for a test clock.");
  return { kind: "ok", ...clockAnswer(created) };
}

async function advance(
  ports: TestClockPorts,
  caller: Caller,
  id: string,
  to: Instant,
): Promise<AdvanceResult> {
  const { workshop, maxFired = MAX_FIRED } = ports;
  const { testClocks, timers } = workshop.store;
  const target = epochMs(to);
  const from = await testClocks.get(id, scopeOf(caller));
  if (from === null) return clockUnknown(id);
  if (target < from.now) {
    const detail = `Expected an instant from ${formatInstant(from.now)} on, found ${to}: time goes forward only.`;
    return refused("test-clock-backwards", detail);
  }
  await ports.runJobs();
  let fired = 0;
  let instant = from.now;
  let atOnce = new Map<string, number>();
  for (let wanted = 1; ;) {
    const due = await timers.dueOn(id, target, wanted);
    const [first] = due;
    if (first === undefined) return reached(await testClocks.advance(id, target), id, true);
    const at = Math.max(from.now, first.dueAt);
    // Between two instants only: all that was due until the clock's is done.
    if (fired >= maxFired && at > instant) return reached(await testClocks.get(id), id, false);
    if (at > instant) atOnce = new Map();
    instant = at;
    const together = due.filter(({ dueAt }) => dueAt === first.dueAt);
    // Mostly there is one at an instant, and sometimes a flood.
    wanted = together.length === due.length ? Math.min(2 * wanted, PAGE_TIMERS) : together.length;
    const refusal = await fireTogether(ports, id, at, together);
    if (refusal !== null) return refusal;
    fired += together.length;
    for (const timer of together) {
      const count = (atOnce.get(timer.orderId) ?? 0) + 1;
      atOnce.set(timer.orderId, count);
      if (count === MAX_AT_ONCE) {
        return stuck(timer, `${MAX_AT_ONCE} of its order fired at ${formatInstant(at)}`);
      }
    }
  }
}

/** Timers of one instant: those of different orders know nothing of each other. */
async function fireTogether(
  ports: TestClockPorts,
  id: string,
  at: EpochMs,
  due: readonly DueTimer[],
): Promise<Refused | null> {
  const { workshop } = ports;
  const orders = [...Map.groupBy(due, ({ orderId }) => orderId).values()];
  let refusal: Refused | null = null;
  const inOrders = async (work: (timers: readonly DueTimer[]) => Promise<Refused | null>) => {
    await inLanes(orders, LANES, new AbortController().signal, async (timers) => {
      if (refusal === null) refusal ??= await work(timers);
    });
    return refusal;
  };
  // What an order began before its next timer ends before it, as it would have in real time.
  if ((await inOrders(([timer]) => rest(ports, timer))) !== null) return refusal;
  await workshop.store.testClocks.advance(id, at);
  return inOrders(async (timers) => {
    for (const timer of timers) {
      if ((await fireTimer(workshop, timer)) === "early") {
        return stuck(timer, "the order's clock is behind it");
      }
      const tired = await rest(ports, timer);
      if (tired !== null) return tired;
    }
    return null;
  });
}

async function rest(ports: TestClockPorts, timer: DueTimer | undefined): Promise<Refused | null> {
  if (timer === undefined || (await settled(ports, timer.orderId))) return null;
  return stuck(timer, "its built-in jobs did not end");
}

/** Waits until no built-in job of the order is open, but those that wait for a person. */
async function settled(
  { workshop, clock, runJobs }: TestClockPorts,
  orderId: string,
): Promise<boolean> {
  const { store } = workshop;
  for (let waitedMs = 0; waitedMs <= MAX_WAIT_MS; waitedMs += POLL_MS) {
    const stored = await store.orders.get(orderId, { centres: "*" });
    if (stored === null || !(await isWorking(workshop, stored))) return true;
    await runJobs();
    // Another server may have the job.
    if (waitedMs > 0) await clock.sleep(POLL_MS, new AbortController().signal);
  }
  return false;
}

async function isWorking({ store }: Workshop, stored: StoredOrder): Promise<boolean> {
  for (const { id } of orderOf(stored).snapshot.jobs) {
    const job = await store.jobs.get(stored.id, id);
    if (job !== null && job.state !== "incident" && BUILTIN_TYPES.includes(job.type)) return true;
  }
  return false;
}

function reached(clock: StoredClock | null, id: string, arrived: boolean): AdvanceResult {
  return clock === null ? clockUnknown(id) : { kind: "ok", ...clockAnswer(clock), arrived };
}

function clockAnswer({ id, now }: StoredClock): TestClock {
  return { id, now: formatInstant(now) };
}

function stuck({ orderId, id }: DueTimer, why: string): Refused {
  const detail = `Expected the timer ${id} of order ${orderId} to fire: ${why}.`;
  return refused("test-clock-stuck", detail);
}

export function clockUnknown(id: string): Refused {
  return refused("test-clock-unknown", `Expected a test clock, found none with the id "${id}".`);
}
