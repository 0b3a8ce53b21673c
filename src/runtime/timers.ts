/** Durable timers: each fires once, never early, over any number of servers; what can't fire waits in an incident. */

import { epochMs } from "../../machines/time/instant.ts";
import type { DueTimer } from "../store/contracts/time.ts";
import { StoreUnavailable } from "../store/errors.ts";
import { inLanes } from "./lanes.ts";
import { MAX_PAUSE_MS } from "./loop.ts";
import { applyOwn, reportDefect, type Workshop } from "./own-event.ts";
import type { Random } from "./ports.ts";

/** `gone`: fired by another server, or cancelled. `early`: the order's clock is not there yet. */
export type Fired = "fired" | "incident" | "gone" | "early";

/**
 * Whether the timer is still to fire is decided under the order's lock by the snapshot that lists it, and when by the
 * clock read after the lock. So two servers, a server that slept and a stale offer all come to the same end.
 */
export async function fireTimer(
  workshop: Pick<Workshop, "change" | "random" | "wake">,
  { orderId, id }: Pick<DueTimer, "orderId" | "id">,
): Promise<Fired> {
  const outcome = await applyOwn<"gone" | "early">(workshop, orderId, (order, _, now) => {
    const timer = order.snapshot.timers.find((pending) => pending.id === id);
    if (timer === undefined) return { kind: "skip", why: "gone" };
    if (epochMs(timer.dueAt) > epochMs(now)) return { kind: "skip", why: "early" };
    return {
      kind: "event",
      type: "timer.fired",
      payload: { timer: id },
      incident: ({ code, detail, pointer = null }) => ({
        ...{ kind: "timer", subject: id, code, detail, pointer },
      }),
    };
  });
  if (outcome === "applied") return "fired";
  return outcome === "absent" ? "gone" : outcome;
}

const ROUND_TIMERS = 500;
const LANES = 4;

/** One round over all timers that are due. @returns the milliseconds until the next one is worth a look */
export async function fireDueTimers(workshop: Workshop, signal: AbortSignal): Promise<number> {
  const { store, random } = workshop;
  const due = await store.timers.due(ROUND_TIMERS);
  let moved = 0;
  await inLanes(byOrder(due, random), LANES, signal, async (timers) => {
    for (const timer of timers) if (await fireOrReport(workshop, timer)) moved += 1;
  });
  // Other servers may be firing what is left; to ask again at once would only be in their way.
  if (due.length > 0) return moved > 0 ? 0 : MAX_PAUSE_MS;
  const next = await store.timers.next();
  return next === null ? MAX_PAUSE_MS : Math.max(0, next - (await store.now()));
}

/** One order that fails delays no other. @returns whether the timer will not be offered again */
async function fireOrReport(workshop: Workshop, timer: DueTimer): Promise<boolean> {
  const { orderId, id } = timer;
  const { log } = workshop;
  try {
    const fired = await fireTimer(workshop, timer);
    if (fired === "incident") log.warn({ orderId, timer: id }, "a timer opened an incident");
    return fired === "fired" || fired === "incident";
  } catch (err) {
    if (err instanceof StoreUnavailable) throw err;
    log.error({ err, orderId, timer: id }, "a timer failed");
    return reportDefect(workshop, orderId, "timer", id);
  }
}

/** An order's timers stay in their order; servers begin at different orders, so that they meet seldom. */
function byOrder(due: readonly DueTimer[], random: Random): readonly (readonly DueTimer[])[] {
  const orders = [...Map.groupBy(due, ({ orderId }) => orderId).values()];
  const [high = 0, low = 0] = random(2);
  const first = orders.length === 0 ? 0 : (high * 256 + low) % orders.length;
  return [...orders.slice(first), ...orders.slice(0, first)];
}
