/** The one way an order changes: lock, read the clock, decide, and write everything or nothing. */

import { actAside } from "./aside.ts";
import { at as atInstant, type Context } from "./context.ts";
import type { Occurrence } from "./contracts/deliveries.ts";
import type { IdempotencyKey, RecordedAnswer } from "./contracts/idempotency.ts";
import { TestClockUnknown } from "./errors.ts";
import { incidentOccurrence, occurrencesOf } from "./occurrences.ts";
import { Conflict } from "./retrying.ts";
import type { ChangeOptions, Decide, Decision, EpochMs, OrderWrite } from "./store.ts";
import { archivedCurrent } from "./tables/archived-orders.ts";
import { announceToAll } from "./tables/delivery-queue.ts";
import { writeEntry } from "./tables/entries.ts";
import { insertRecord, takeKey } from "./tables/idempotency.ts";
import { closeIncident, closeSubjectless } from "./tables/incidents.ts";
import { deleteJobs, holdLease, insertJobs, stuckJobs } from "./tables/jobs.ts";
import { lockOrder, movedOrder, newOrder, statusOf, type LockedOrder } from "./tables/orders.ts";
import { insertSubject } from "./tables/order-subjects.ts";
import { insertMessages } from "./tables/outbox.ts";
import { freeReservations } from "./tables/reservations.ts";
import { insertSealed } from "./tables/sealed.ts";
import { changeTasks } from "./tables/tasks.ts";
import { readTestClock } from "./tables/test-clocks.ts";
import { deleteTimers, insertTimers } from "./tables/timers.ts";
import { inTransaction } from "./transaction.ts";

/** @throws what `decide` throws, {LeaseLost}, {IncidentClosed}, {TestClockUnknown}, {StoreUnavailable}; nothing is written then */
export function change<T>(
  context: Context,
  orderId: string,
  decide: Decide<T>,
  options: ChangeOptions<T> = {},
): Promise<T> {
  return inTransaction(context, (inner) => changeOnce(inner, orderId, decide, options));
}

/** The database's `now` stamps rows, the order's own `at` its history; they differ on a test clock. */
interface Locked extends LockedOrder {
  readonly orderId: string;
  readonly testClock: string | null;
}

async function changeOnce<T>(
  moving: Context,
  orderId: string,
  decide: Decide<T>,
  { testClock: chosen, idempotency }: ChangeOptions<T>,
): Promise<T> {
  // The key goes first, and is never waited for: whoever holds an order waits for no key.
  const settled = idempotency === undefined ? null : await takeKey(moving, idempotency.key);
  if (settled !== null && idempotency !== undefined) return idempotency.settled(settled);
  const found = await lockOrder(moving, orderId);
  const context = atInstant(moving, found.now);
  // Nobody moves an order back: what is decided on one that is archived can only be that it stays as it is.
  const archived = found.current === null ? await archivedCurrent(context, orderId) : null;
  const current = found.current ?? archived;
  const testClock = current === null ? (chosen ?? null) : current.testClock;
  const locked = { ...found, current, orderId, testClock };
  const at = Math.max(await ownClock(context, locked), current?.at ?? -Infinity);
  const decision = decide(current, at);
  if (archived !== null && decision.kind !== "leave") {
    throw new Error(
      `expected order ${orderId} to stay as it is in the archive, found a ${decision.kind}`,
    );
  }
  if (decision.kind === "write") await write(context, locked, decision.write);
  else if (decision.kind !== "leave") await actAside(context, locked, decision);
  if (idempotency !== undefined) await record(context, idempotency.key, locked, decision);
  return decision.result;
}

/** What was left as it is has no effect to repeat: its caller records it, if at all. */
async function record<T>(
  context: Context,
  key: IdempotencyKey,
  { orderId, current }: Locked,
  decision: Decision<T>,
): Promise<void> {
  if (decision.kind === "leave") return;
  const wasStuck = current?.status === "incident" || decision.kind === "incident";
  const answer: RecordedAnswer =
    decision.kind === "write" && !wasStuck
      ? {
          kind: "order",
          created: current === null,
          status: decision.write.order.status,
          failedJobs: [],
        }
      : {
          ...{ kind: "order", created: false },
          status: await statusOf(context.db, orderId),
          failedJobs: await stuckJobs(context.db, orderId),
        };
  const revision = (current?.revision ?? 0) + (decision.kind === "write" ? 1 : 0);
  await insertRecord(context, key, { orderId, revision, answer });
}

async function ownClock({ db }: Context, { now, testClock }: Locked): Promise<EpochMs> {
  if (testClock === null) return now;
  const virtual = await readTestClock(db, testClock);
  if (virtual !== null) return virtual;
  throw new TestClockUnknown(`There is no test clock ${testClock}: create it first.`);
}

async function write(context: Context, locked: Locked, wanted: OrderWrite): Promise<void> {
  const { db } = context;
  const { orderId, current, now, testClock } = locked;
  const { order, entry, timers, jobs, tasks } = wanted;
  const { process, centre } = order;
  const isProjected = current === null || locked.isProjected;
  refuseBreak(locked, wanted);
  if (wanted.lease !== undefined) await holdLease(context, wanted.lease);
  const mayClose = current?.status === "incident" || wanted.resolution !== undefined;
  const closed = mayClose ? await closeGone(context, locked, wanted) : [];
  const head =
    current === null
      ? newOrder(db, orderId, order, entry, { testClock, subject: wanted.subject ?? null }, now)
      : movedOrder(db, orderId, order, entry, closed.length, now);
  const written = await writeEntry(context, head, entry);
  if (written === null) throw new Conflict(`order ${orderId} was written by another transaction`);
  if (current === null && wanted.subject !== undefined) {
    await insertSubject(db, orderId, wanted.subject);
  }
  await insertSealed(db, orderId, wanted.sealed);
  await deleteTimers(db, orderId, timers.cancelled);
  await insertTimers(db, orderId, testClock, timers.set);
  await deleteJobs(db, orderId, jobs.closed);
  // After the rows are gone: a reservation that is under way holds its job's row until it has ended.
  await freeReservations(db, orderId, jobs.undone ?? []);
  await insertJobs(db, orderId, order.centre, jobs.opened, now);
  if (isProjected) await changeTasks(context, { orderId, process, centre, testClock }, tasks);
  await insertMessages(db, orderId, entry, wanted.outbox);
  if (!written.isAnybodyTold) return;
  const scene = { orderId, centre, revision: entry.revision, now };
  await announceToAll(context, scene, [...occurrencesOf(current, wanted), ...closed]);
}

async function closeGone(
  { db }: Context,
  { orderId, now }: Locked,
  { timers, jobs, resolution }: OrderWrite,
): Promise<readonly Occurrence[]> {
  const numbers = [
    ...(resolution === undefined ? [] : await closeIncident(db, orderId, resolution, now)),
    ...(await closeSubjectless(db, orderId, "timer", timers.cancelled, now)),
    ...(await closeSubjectless(db, orderId, "job", jobs.closed, now)),
  ];
  return numbers.map((number) => incidentOccurrence("closed", number));
}

/** The history is one line: a decision that would tear it is a defect of its author. */
function refuseBreak({ orderId, current }: Locked, { entry }: OrderWrite): void {
  const revision = (current?.revision ?? 0) + 1;
  if (entry.revision !== revision) {
    throw new Error(`expected revision ${revision} of order ${orderId}, found ${entry.revision}`);
  }
  if (current !== null && entry.at < current.at) {
    throw new Error(
      `expected no instant before ${current.at} in order ${orderId}, found ${entry.at}`,
    );
  }
}
