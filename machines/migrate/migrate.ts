/**
 * Moves an order into another version of its process. It takes no step there: no action of either version runs and no effect
 * leaves; what it waits for is made to be what its new states wait for.
 */

import { memberOf } from "../json.ts";
import type { Instant, Order, OrderEvent, OrderSnapshot, StepResult } from "../order.ts";
import { cancelTimer, closeJob, conductorOf } from "../step/conductor.ts";
import { settled, StepFailure } from "../step/failure.ts";
import { finish } from "../step/finish.ts";
import { restoredRun } from "../step/run.ts";
import { begins, perform, type Versions } from "./carry.ts";
import { impossible } from "./map-chart.ts";
import { readMigration, type Migration } from "./migration.ts";
import { itemsAfter, migratedData, movesOf, pendingAfter } from "./moves.ts";
import { noteItems, noteTasks } from "./note.ts";
import { placesOf, refuseUnrest } from "./rest.ts";

/**
 * Pure, like a step: the same arguments give the same result, for ever. The order has the new version's digest afterwards,
 * legal states, valid data, and all invariants hold; else nothing is changed.
 * @param event `order.migrated`, its payload as `Migration` says
 */
export function migrate(
  versions: Versions,
  order: Order,
  event: OrderEvent,
  now: Instant,
): StepResult {
  return settled((): StepResult => {
    const migration = readMigration(event.payload);
    checkVersions(versions, order, migration);
    const { to } = versions;
    const { snapshot } = order;
    const moves = movesOf(versions, snapshot, migration);
    const pending = pendingAfter(versions, snapshot, moves);
    const draft: OrderSnapshot = {
      ...snapshot,
      ...{ value: moves.order.mapped.value, history: moves.order.mapped.history },
      data: migratedData(snapshot.data, migration, to.data, "the order"),
      items: itemsAfter(versions, moves, migration),
      ...{ timers: pending.timers, jobs: pending.jobs },
    };
    const moved = { ...order, digest: to.digest, snapshot: draft };
    const run = restoredRun(to, moved, event.actor, now, conductorOf);
    const conductor = conductorOf(run);
    for (const { id } of gone(snapshot.timers, run.timers)) cancelTimer(run, id);
    for (const { id } of gone(snapshot.jobs, run.jobs)) closeJob(run, id);
    const places = placesOf(run, moves, conductor);
    for (const place of places) refuseUnrest(place);
    for (const { moved: chart, moment } of places) {
      perform(begins(versions, chart, snapshot.jobs), moment);
      noteTasks(run, chart);
    }
    noteItems(run, moves);
    return finish(run, null, performersAfter(versions, snapshot, migration), conductor);
  });
}

/** Events whose senders a rule of the new version asks for, and none of the old one did: their record is to be made. */
export function newlySeparated({ from, to }: Versions): readonly string[] {
  const known = new Set(from.separation.flatMap(({ notBy }) => notBy));
  return [...new Set(to.separation.flatMap(({ notBy }) => notBy))].filter(
    (event) => !known.has(event),
  );
}

function checkVersions({ from, to }: Versions, order: Order, migration: Migration): void {
  const names = (version: string, digest: string): string => `${version} (${digest})`;
  for (const [executable, named] of [
    [from, migration.from],
    [to, migration.to],
  ] as const) {
    if (executable.digest === named.digest && executable.version === named.version) continue;
    throw new StepFailure(
      "definition-mismatch",
      `Expected the version ${names(named.version, named.digest)}, found ${names(executable.version, executable.digest)}.`,
    );
  }
  if (order.digest !== from.digest) {
    throw new StepFailure(
      "definition-mismatch",
      `Expected an order of ${from.version}, found one that lives under ${order.digest}.`,
    );
  }
  if (order.snapshot.status === "done") {
    throw new StepFailure("order-closed", "Expected an open order, found one that has ended.");
  }
  if (from.process !== to.process) throw impossible("the order", `the process "${to.process}"`);
  if (from.digest === to.digest) throw impossible("the order", "that it is there already");
}

function performersAfter(
  versions: Versions,
  { performers }: OrderSnapshot,
  migration: Migration,
): OrderSnapshot["performers"] {
  const asked = newlySeparated(versions);
  const unasked = Object.keys(migration.performers).find((event) => !asked.includes(event));
  if (unasked !== undefined) {
    throw impossible("the order", `senders of ${unasked}, for which nobody asks`);
  }
  const known = Object.entries(performers).filter(([event]) => !asked.includes(event));
  const told = asked.flatMap((event) => {
    const senders = memberOf(migration.performers, event) ?? [];
    return senders.length === 0 ? [] : [[event, senders] as const];
  });
  return Object.fromEntries([...known, ...told]);
}

function gone<Pending extends { readonly id: string }>(
  before: readonly Pending[],
  after: readonly Pending[],
): readonly Pending[] {
  return before.filter(({ id }) => !after.some((each) => each.id === id));
}
