/** The engine's own events (timers, ends of jobs) go the one path too; what an order can't take becomes an incident. */

import { snapshotIn } from "../audit/snapshot.ts";
import type { Executable } from "../../machines/compile/executable.ts";
import type { JsonObject } from "../../machines/json.ts";
import type { Instant, Order, Rejected } from "../../machines/order.ts";
import type { NewIncident } from "../store/contracts/incidents.ts";
import type { JobLease } from "../store/contracts/jobs.ts";
import { LeaseLost } from "../store/errors.ts";
import type { Store } from "../store/store.ts";
import { applyEvent, orderOf } from "./apply.ts";
import { engineActor } from "./caller.ts";
import type { Change } from "./change.ts";
import type { Keyring } from "./keyring.ts";
import type { Log, Random } from "./ports.ts";
import type { OpenWrite } from "./seals.ts";
import type { Wake } from "./wake.ts";

/** What timers and jobs work with. */
export interface Workshop {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly change: Change;
  readonly random: Random;
  readonly log: Log;
  readonly wake: Wake;
}

export type Prepared<Skip extends string> =
  | { readonly kind: "skip"; readonly why: Skip }
  | {
      readonly kind: "event";
      readonly type: "timer.fired" | "job.completed" | "job.failed";
      readonly payload: JsonObject;
      readonly lease?: JobLease;
      /** Opened when the order rejects the event. */
      readonly incident: (rejected: Rejected) => NewIncident;
    };

type Outcome<Skip> =
  | { readonly kind: "nothing"; readonly why: Skip | "incident" }
  | {
      readonly kind: "applied";
      readonly write: OpenWrite;
      readonly at: Instant;
      readonly testClock: string | null;
    };

/**
 * @param prepare decides under the order's lock what to do, from the order as it is and its clock
 * @throws what `Store.change` throws
 */
export async function applyOwn<Skip extends string>(
  { change, random, wake }: Pick<Workshop, "change" | "random" | "wake">,
  orderId: string,
  prepare: (order: Order, executable: Executable, now: Instant) => Prepared<Skip>,
): Promise<"applied" | "incident" | "absent" | Skip> {
  const changed = await change<Outcome<Skip>>(orderId, (current, executable, now) => {
    const isFresh = !current.snapshot.isRead();
    const order = orderOf(current);
    const prepared = prepare(order, executable, now);
    if (prepared.kind === "skip") {
      return { kind: "leave", result: { kind: "nothing", why: prepared.why } };
    }
    const { kind: _kind, incident, ...event } = prepared;
    const attempt = { ...event, actors: [engineActor(order.identity.centre)] as const };
    const applied = applyEvent(executable, current, now, attempt, random);
    if (applied.kind === "rejected") {
      const result = { kind: "nothing", why: "incident" } as const;
      const { lease } = prepared;
      const held = lease === undefined ? {} : { lease };
      return { kind: "incident", incident: incident(applied), ...held, result };
    }
    const write = isFresh ? keptAsText(applied.write) : applied.write;
    const { testClock } = current;
    return { kind: "write", write, result: { kind: "applied", write, at: now, testClock } };
  });
  if (changed.kind === "absent") return "absent";
  const { result } = changed;
  if (result.kind === "nothing") return result.why;
  wake(result.write, result.at, result.testClock);
  return "applied";
}

/**
 * Of a flood, each order is moved once and not asked for again soon. As a text it takes a fifth of the memory that is kept
 * for it, and as many objects as orders are not handed from one garbage collection to the next.
 */
function keptAsText({ order, ...write }: OpenWrite): OpenWrite {
  return { ...write, order: { ...order, snapshot: snapshotIn(order.snapshot.text) } };
}

/**
 * What the engine itself failed on waits for a person like any incident, and delays nobody else.
 *
 * @param lease of the job that it worked on: another worker may have the job by now, and do it well
 * @returns whether it waits
 */
export async function reportDefect(
  { store, log }: Pick<Workshop, "store" | "log">,
  orderId: string,
  kind: NewIncident["kind"],
  subject: string,
  lease?: JobLease,
): Promise<boolean> {
  const detail = "The engine failed on it; the server's log says how.";
  try {
    const incident = { kind, subject, code: "defect", detail, pointer: null };
    return (await store.incidents.open(orderId, incident, lease)) !== null;
  } catch (err) {
    if (err instanceof LeaseLost) return false;
    log.error({ err, orderId, [kind]: subject }, "an incident could not be opened");
    return false;
  }
}
