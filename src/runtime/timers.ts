/** Durable timers: each fires once, never early, over any number of servers; what can't fire waits in an incident. */

import { epochMs } from "../../machines/time/instant.ts";
import type { DueTimer } from "../store/contracts/time.ts";
import { StoreBusy, StoreUnavailable } from "../store/errors.ts";
import { applyOwn, reportDefect, type Workshop } from "./own-event.ts";

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

/** One order that fails delays no other. @returns `moved`: it will not be offered again; `gone`: by another's doing */
export async function fireOrReport(
  workshop: Workshop,
  timer: DueTimer,
): Promise<"moved" | "gone" | "left"> {
  const { orderId, id } = timer;
  const { log } = workshop;
  try {
    const fired = await fireTimer(workshop, timer);
    if (fired === "incident") log.warn({ orderId, timer: id }, "a timer opened an incident");
    if (fired === "gone") return "gone";
    return fired === "early" ? "left" : "moved";
  } catch (err) {
    if (err instanceof StoreUnavailable) throw err;
    if (err instanceof StoreBusy) return "left";
    log.error({ err, orderId, timer: id }, "a timer failed");
    return (await reportDefect(workshop, orderId, "timer", id)) ? "moved" : "left";
  }
}
