/** A store that tells what goes through it: whoever writes orders passes here, so nothing else need be told to count. */

import { isJsonObject } from "../../machines/json.ts";
import { epochMs } from "../../machines/time/instant.ts";
import type { Deliveries } from "../store/contracts/deliveries.ts";
import type { Jobs } from "../store/contracts/jobs.ts";
import type { Decide, Decision, EpochMs, OrderWrite, Store, StoredOrder } from "../store/store.ts";
import type { Attributes, Observation, Observe, Trace, Trigger } from "./observing.ts";

/** The same store; only what was committed is told of. */
export function observedStore(store: Store, observe: Observe, trace: Trace): Store {
  const { idempotency } = store;
  return {
    ...store,
    change: async (orderId, decide, options) => {
      const seen = watching(decide);
      return trace("store.change", { "sevenstep.order": orderId }, async (note) => {
        const result = await store.change(orderId, seen.decide, options);
        for (const observation of seen.told()) {
          observe(observation);
          note(() => attributesOf(observation));
        }
        return result;
      });
    },
    jobs: observedJobs(store.jobs, observe),
    deliveries: observedDeliveries(store.deliveries, observe),
    idempotency: {
      ...idempotency,
      once: (key, work) =>
        trace("store.once", {}, () =>
          idempotency.once(key, (inner) => work(observedStore(inner, observe, trace))),
        ),
    },
  };
}

function attributesOf(observation: Observation): Attributes {
  const { kind: _kind, ...all } = observation;
  return Object.fromEntries(
    Object.entries(all).map(([name, value]) => [`sevenstep.${name}`, value]),
  );
}

/** A decision may be taken again when a conflict made the store retry: the last one counts. */
function watching<T>(decide: Decide<T>) {
  let last: readonly Observation[] = [];
  const watched: Decide<T> = (current, now) => {
    const decision = decide(current, now);
    last = observationsOf(decision, current, now);
    return decision;
  };
  return { decide: watched, told: () => last };
}

function observationsOf<T>(
  decision: Decision<T>,
  current: StoredOrder | null,
  now: EpochMs,
): readonly Observation[] {
  if (decision.kind === "incident") {
    return current === null ? [] : [{ kind: "incident", process: current.process }];
  }
  if (decision.kind !== "write") {
    const code = refusalIn(decision.result);
    return code === null ? [] : [{ kind: "refusal", process: current?.process ?? "none", code }];
  }
  const { order, entry } = decision.write;
  const trigger = triggerOf(entry.type, current === null);
  const moved = { kind: "transition", process: order.process, trigger } as const;
  const lagMs = entry.type === "timer.fired" ? lagOf(current, decision.write, now) : null;
  return lagMs === null ? [moved] : [moved, { kind: "timer", lagMs }];
}

function triggerOf(type: string, isFirst: boolean): Trigger {
  if (isFirst) return "creation";
  if (type.startsWith("timer.")) return "timer";
  return type.startsWith("job.") ? "job" : "event";
}

/** Refusals come wrapped in what the paths to them add. */
function refusalIn(result: unknown): string | null {
  if (!isJsonObject(result)) return null;
  const { kind, code, rejected, refusal, result: inner } = result;
  if (typeof code === "string" && (kind === "refused" || kind === "rejected")) return code;
  return refusalIn(rejected ?? refusal ?? inner);
}

/** How late a timer fired; on a test clock, which waits for nobody, that says nothing. */
function lagOf(current: StoredOrder | null, write: OrderWrite, now: EpochMs): number | null {
  if (current === null || current.testClock !== null) return null;
  const timer = firedBy(write);
  const fired = current.snapshot.value().timers.find(({ id }) => id === timer);
  return fired === undefined ? null : Math.max(0, now - epochMs(fired.dueAt));
}

/** Where no other timer is gone with it, nobody need read the entry. */
function firedBy({ entry, timers: { cancelled } }: OrderWrite): unknown {
  if (cancelled.length === 1) return cancelled[0];
  const line: unknown = JSON.parse(entry.line);
  return isJsonObject(line) && isJsonObject(line["payload"]) ? line["payload"]["timer"] : null;
}

function observedJobs(jobs: Jobs, observe: Observe): Jobs {
  return {
    ...jobs,
    claim: async (request) => {
      const claimed = await jobs.claim(request);
      for (const { type } of claimed) observe({ kind: "job", type });
      return claimed;
    },
  };
}

function observedDeliveries(deliveries: Deliveries, observe: Observe): Deliveries {
  return {
    ...deliveries,
    finish: async (lease, attempt, end) => {
      const isRecorded = await deliveries.finish(lease, attempt, end);
      const outcome = isRecorded ? end.kind : "lost";
      observe({ kind: "delivery", outcome, durationMs: attempt.durationMs });
      return isRecorded;
    },
  };
}
