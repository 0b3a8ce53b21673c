/**
 * Fires what is due: some hundred orders at once, the next page while the last is under way, and each order's timers one
 * after the other. Servers that fire the same flood each take other orders, without a word to each other.
 */

import { createLru } from "../audit/lru.ts";
import type { DueTimer, OrderShare, Timers } from "../store/contracts/time.ts";
import { StoreUnavailable } from "../store/errors.ts";
import { createLoop, MAX_PAUSE_MS, type Loop } from "./loop.ts";
import type { EpochMs } from "../store/store.ts";
import type { Clock, Log, Random } from "./ports.ts";
import { createOrderShares, SHARES } from "./order-shares.ts";
import { createWindow } from "./window.ts";

export interface TimerPorts {
  readonly timers: Pick<Timers, "due" | "next">;
  /** The database's clock. */
  readonly now: () => Promise<EpochMs>;
  /** `moved`: it will not be offered again; `gone`: by another's doing. @throws {StoreUnavailable} and nothing else */
  readonly fire: (timer: DueTimer) => Promise<"moved" | "gone" | "left">;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

interface OrderTimers {
  readonly orderId: string;
  readonly due: readonly DueTimer[];
}

/** Orders under way at once: enough for full batches of group commit, and few beside what callers may have waiting. */
const AT_ONCE = 512;
/** The next page is fetched when fewer wait. A page also holds what waits or is under way: the larger, the fewer twice. */
const FEW = 512;
const PAGE_TIMERS = 6_000;
/** While the last ones are under way, others fall due. */
const LOOK_AGAIN_MS = 100;
/** A timer that another server fired, or whose incident could not be opened, is left alone for that long. */
const REST_MS = 1_000;
/** Beside `Loop`, nothing is under way any more when `stop` has resolved. */
export function createTimerLoop(ports: TimerPorts): Loop {
  const { timers, random, clock } = ports;
  const resting = createResting(clock);
  const shares = createOrderShares(random);
  let mayBeMore = false;
  let isStopping = false;
  let failure: StoreUnavailable | null = null;

  const fireAll = async ({ orderId, due }: OrderTimers): Promise<void> => {
    for (const timer of due) {
      if (isStopping || failure !== null) return;
      try {
        const outcome = await ports.fire(timer);
        if (outcome !== "moved") resting.add(orderId);
        if (outcome !== "left") shares.note(outcome === "moved" ? "us" : "others");
      } catch (err) {
        if (!(err instanceof StoreUnavailable)) throw err;
        failure = err;
      }
    }
  };
  const window = createWindow<OrderTimers>({
    ...{ width: AT_ONCE, keyOf: ({ orderId }) => orderId, work: fireAll },
    onEnd: () => {
      // A database that is away is asked again after a pause.
      if (failure !== null) return;
      if (shares.isLost()) window.drop();
      if (mayBeMore ? window.waiting() < FEW : window.underWay() === 0) loop.wake();
    },
  });
  const fill = async (share?: OrderShare): Promise<Filled> => {
    let all = 0;
    const fresh = await window.fill(async () => {
      const due = await timers.due(PAGE_TIMERS, share);
      all = due.length;
      return byOrder(due, random).filter(({ orderId }) => !resting.has(orderId));
    });
    return { all, fresh };
  };

  const loop = createLoop(ports, "timers", async () => {
    if (failure !== null) {
      const err = failure;
      failure = null;
      throw err;
    }
    if (mayBeMore && window.waiting() >= FEW) return MAX_PAUSE_MS;
    mayBeMore = true;
    const share = shares.next();
    const part = share === null ? null : await fill(share);
    if (part !== null && part.all * SHARES >= PAGE_TIMERS) return afterMany(part);
    const whole = await fill();
    // Behind so many that wait, what falls due meanwhile would wait too.
    mayBeMore = whole.all >= PAGE_TIMERS || window.waiting() >= FEW;
    if (mayBeMore) return afterMany(whole);
    shares.end();
    if (whole.all > 0) return LOOK_AGAIN_MS;
    const next = await timers.next();
    return next === null ? MAX_PAUSE_MS : Math.max(0, next - (await ports.now()));
  });
  return {
    ...loop,
    stop: async () => {
      isStopping = true;
      await Promise.all([loop.stop(), window.stop()]);
    },
  };
}

interface Filled {
  readonly all: number;
  readonly fresh: number;
}

/** What ends wakes the loop. */
function afterMany({ fresh }: Filled): number {
  return fresh > 0 ? MAX_PAUSE_MS : LOOK_AGAIN_MS;
}

function createResting(clock: Clock) {
  const until = createLru<string, number>(PAGE_TIMERS);
  return {
    add: (orderId: string): void => until.set(orderId, clock.now() + REST_MS),
    has: (orderId: string): boolean => {
      const leftMs = (until.get(orderId) ?? 0) - clock.now();
      // More than that is left only when the clock was set back.
      return leftMs > 0 && leftMs <= REST_MS;
    },
  };
}

/** Servers begin at different orders, so that they meet seldom. */
function byOrder(due: readonly DueTimer[], random: Random): readonly OrderTimers[] {
  const orders = [...Map.groupBy(due, ({ orderId }) => orderId)];
  const [high = 0, low = 0] = random(2);
  const first = orders.length === 0 ? 0 : (high * 256 + low) % orders.length;
  return [...orders.slice(first), ...orders.slice(0, first)].map(([orderId, own]) => ({
    ...{ orderId, due: own },
  }));
}
