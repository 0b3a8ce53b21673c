/** The heart: one event moves one order, or is rejected and nothing changes. Everything else calls this function. */

import type { ChartEvent, Conductor } from "../chart/moment.ts";
import type { EventSpec, Executable } from "../compile/executable.ts";
import type { Json, JsonObject } from "../json.ts";
import { isJsonObject } from "../json.ts";
import type {
  EngineEventType,
  Instant,
  Job,
  Order,
  OrderEvent,
  OrderSnapshot,
  StepResult,
  Timer,
} from "../order.ts";
import { epochMs } from "../time/instant.ts";
import { cancelTimer, conductorOf } from "./conductor.ts";
import { deliverToItem, deliverToOrder, drain, knows } from "./deliver.ts";
import { StepFailure, settled } from "./failure.ts";
import { finish } from "./finish.ts";
import type { LiveItem, Run } from "./run.ts";
import { chartOf, itemIn, restoredRun } from "./run.ts";
import { checkSeparation, performersAfter } from "./separation.ts";

/**
 * Pure: the same arguments give the same result, for ever, on every machine. Never changes its arguments.
 * @param now the instant of the event, not before the order's last one
 */
export function step(
  executable: Executable,
  order: Order,
  event: OrderEvent,
  now: Instant,
): StepResult {
  return settled((): StepResult => {
    const run = restoredRun(executable, order, event.actor, now, conductorOf);
    const conductor = conductorOf(run);
    if (order.snapshot.status === "done") {
      throw new StepFailure("order-closed", "Expected an open order, found one that has ended.");
    }
    const receive = Object.hasOwn(ENGINE_EVENTS, event.type)
      ? ENGINE_EVENTS[event.type]
      : undefined;
    if (receive !== undefined) receive(run, event.payload, conductor);
    else receiveEvent(run, order.snapshot, event, conductor);
    drain(run, conductor);
    const performers = performersAfter(executable, order.snapshot.performers, event);
    return finish(run, order.snapshot, performers, conductor);
  });
}

type Receive = (run: Run, payload: JsonObject, conductor: Conductor) => void;

/** The start and a migration are no steps: they have functions of their own. */
type SteppedType = Exclude<EngineEventType, "order.started" | "order.migrated">;

const ENGINE_EVENTS: Readonly<Record<string, Receive>> = {
  "timer.fired": fireTimer,
  "timer.cancelled": (run, payload) => cancelTimer(run, takeTimer(run, payload["timer"]).id),
  "job.completed": (run, payload, conductor) => {
    const job = takeJob(run, payload["job"]);
    const output = payload["output"] ?? {};
    const errors = run.executable.jobs.get(job.type)?.output.sealed(output) ?? [];
    if (errors.length > 0) {
      throw new StepFailure(
        "payload-invalid",
        `Expected output that the job "${job.type}" declares; found other.`,
        { errors: errors.map((error) => ({ ...error, pointer: `/output${error.pointer}` })) },
      );
    }
    deliver(
      run,
      job.item,
      { type: `xstate.done.actor.${job.invoke}`, payload: { output } },
      conductor,
    );
  },
  "job.failed": (run, payload, conductor) => {
    const job = takeJob(run, payload["job"]);
    const { error } = payload;
    const event = { type: `xstate.error.actor.${job.invoke}`, payload: { error: error ?? null } };
    if (deliver(run, job.item, event, conductor)) return;
    throw new StepFailure(
      "event-not-enabled",
      `Expected the state "${job.state}" to say what happens when the job "${job.type}" fails, found no \`onError\` that applies.`,
    );
  },
} satisfies Record<SteppedType, Receive>;

function fireTimer(run: Run, payload: JsonObject, conductor: Conductor): void {
  const timer = takeTimer(run, payload["timer"]);
  if (epochMs(run.now) < epochMs(timer.dueAt)) {
    throw new StepFailure(
      "timer-not-due",
      `Expected to fire at ${timer.dueAt} or later, found ${run.now}.`,
    );
  }
  run.timers = run.timers.filter(({ id }) => id !== timer.id);
  deliver(
    run,
    timer.item,
    { type: `xstate.after.${timer.after}.${timer.state}`, payload: {} },
    conductor,
  );
}

function takeTimer(run: Run, id: Json | undefined): Timer {
  const timer = run.timers.find((pending) => pending.id === id);
  if (timer !== undefined) return timer;
  throw new StepFailure(
    "timer-unknown",
    `Expected a pending timer, found ${JSON.stringify(id ?? null)}: it has fired, or was cancelled.`,
  );
}

function takeJob(run: Run, id: Json | undefined): Job {
  const job = run.jobs.find((open) => open.id === id);
  if (job === undefined) {
    throw new StepFailure(
      "job-unknown",
      `Expected an open job, found ${JSON.stringify(id ?? null)}: it has ended, or was withdrawn.`,
    );
  }
  run.jobs = run.jobs.filter((open) => open.id !== id);
  return job;
}

/** Gives an engine's event to the chart that waits for it. */
function deliver(
  run: Run,
  owner: string | undefined,
  event: ChartEvent,
  conductor: Conductor,
): boolean {
  if (owner === undefined) return deliverToOrder(run, event);
  const [collection = "", ...rest] = owner.split("/");
  return deliverToItem(run, findItem(run, collection, rest.join("/")), event, conductor);
}

function receiveEvent(
  run: Run,
  snapshot: OrderSnapshot,
  event: OrderEvent,
  conductor: Conductor,
): void {
  const spec = permitted(run, event);
  const errors = spec.payload.sealed(event.payload);
  if (errors.length > 0) {
    throw new StepFailure(
      "payload-invalid",
      `Expected the payload that ${spec.type} declares; found other.`,
      {
        errors,
      },
    );
  }
  checkSeparation(run.executable, snapshot.performers, event, run.inState);
  const chartEvent = { type: event.type, payload: event.payload };
  const item = spec.item === null ? null : addressed(run, spec, event.payload);
  // An item that knows the event has to take it: the order can't accept on behalf of an item that refuses.
  const byItem = item !== null && knows(chartOf(run, item.collection), event.type);
  const itemTook = byItem && deliverToItem(run, item, chartEvent, conductor);
  if (byItem && !itemTook) throw notEnabled(event.type, `${item.collection}/${item.id}`);
  const orderTook = deliverToOrder(run, chartEvent);
  if (!itemTook && !orderTook) throw notEnabled(event.type, "the order");
}

function permitted(run: Run, { type, actor }: OrderEvent): EventSpec {
  const spec = run.executable.events.get(type);
  if (spec === undefined) {
    throw new StepFailure(
      "event-unknown",
      `Expected an event of ${run.executable.process} ${run.executable.version}, found "${type}".`,
    );
  }
  if (spec.by !== null && !spec.by.includes(actor.role)) {
    throw new StepFailure(
      "role-not-allowed",
      `Expected ${spec.by.length === 0 ? "the engine itself" : `one of the roles ${spec.by.join(", ")}`} to send ${type}, found the role ${actor.role}.`,
    );
  }
  return spec;
}

function addressed(run: Run, spec: EventSpec, payload: JsonObject): LiveItem | null {
  if (spec.item === null) return null;
  const key = run.executable.items.get(spec.item)?.key ?? "id";
  const named = isJsonObject(payload) ? payload[key] : undefined;
  return findItem(
    run,
    spec.item,
    typeof named === "string" ? named : JSON.stringify(named ?? null),
  );
}

function findItem(run: Run, collection: string, id: string): LiveItem {
  const item = itemIn(run, collection, id);
  if (item !== null) return item;
  throw new StepFailure(
    "item-unknown",
    `Expected an item in ${collection}, found none with the id "${id}".`,
  );
}

function notEnabled(event: string, whose: string): StepFailure {
  return new StepFailure(
    "event-not-enabled",
    `${event} is not possible in the present state of ${whose}.`,
  );
}
