/** An order as it is answered to one caller: the contract's fields, choices judged for the caller's roles, persons' data by leave. */

import { unseal } from "../../machines/schema/tokens.ts";
import type { Executable } from "../../machines/compile/executable.ts";
import type { JsonObject } from "../../machines/json.ts";
import type {
  BlockedEvent,
  Choices,
  EnabledEvent,
  Instant,
  Order,
  OrderSnapshot,
  Timer,
} from "../../machines/order.ts";
import { choices } from "../../machines/step/choices.ts";
import { everyActorOf } from "./caller.ts";
import type { Caller } from "./engine.ts";
import { publicJobId } from "./job-id.ts";
import { personsIn, type Vault } from "./persons.ts";
import { stepOf, tagsOf, titleOf } from "./position.ts";
import { eventTitle, whyBlocked, whyConditional } from "./reasons.ts";
import type {
  BlockedAnswer,
  EnabledAnswer,
  ItemAnswer,
  TimerAnswer,
  WorkOrder,
} from "./work-order.ts";

/** An order and all that an answer about it depends on. */
export interface Sight {
  readonly executable: Executable;
  readonly order: Order;
  readonly status: WorkOrder["status"];
  readonly createdAt: Instant;
  readonly testClock: string | null;
  /** Ids of jobs with an open incident. */
  readonly failedJobs: ReadonlySet<string>;
  /** The instant for which choices are judged. */
  readonly now: Instant;
}

export async function workOrder(sight: Sight, caller: Caller, vault: Vault): Promise<WorkOrder> {
  const { executable, order, status, failedJobs, testClock } = sight;
  const { identity, digest, revision, at, snapshot } = order;
  const { data, items } = await withPersons(sight, caller, vault);
  return {
    id: identity.id,
    process: executable.process,
    version: executable.version,
    digest,
    businessKey: identity.businessKey,
    centre: identity.centre,
    revision,
    status,
    outcome: snapshot.outcome,
    step: stepOf(executable.order, snapshot.value),
    state: snapshot.value,
    stateTitle: titleOf(executable.order, snapshot.value),
    tags: tagsOf(executable.order, snapshot.value),
    data,
    items,
    ...choicesFor(sight, caller),
    timers: snapshot.timers.map(timerAnswer),
    jobs: snapshot.jobs.map(({ id, type }) => ({
      ...{ id: publicJobId(identity.id, id), type },
      state: failedJobs.has(id) ? "failed" : "open",
    })),
    createdAt: sight.createdAt,
    updatedAt: at,
    ...(testClock === null ? {} : { testClock }),
  };
}

/** What any of the caller's roles may send is enabled; blocked is what none of them may. */
export function choicesFor(
  { executable, order, now }: Sight,
  caller: Caller,
): { readonly enabled: readonly EnabledAnswer[]; readonly blocked: readonly BlockedAnswer[] } {
  const enabled = new Map<string, EnabledEvent>();
  const blocked = new Map<string, BlockedEvent>();
  for (const actor of everyActorOf(caller, order.identity.centre)) {
    const found: Choices = choices(executable, order, actor, now);
    for (const choice of found.enabled) {
      const known = enabled.get(keyOf(choice));
      // What one role may send without a condition needs none.
      if (known?.when !== undefined || known === undefined) enabled.set(keyOf(choice), choice);
    }
    for (const choice of found.blocked) blocked.set(keyOf(choice), choice);
  }
  return {
    enabled: [...enabled.values()].map((choice) => enabledAnswer(executable, choice)),
    blocked: [...blocked.values()]
      .filter((choice) => !enabled.has(keyOf(choice)))
      .map((choice) => blockedAnswer(executable, choice)),
  };
}

export function timerAnswer({ id, item, state, after, dueAt }: Timer): TimerAnswer {
  return { id, ...(item === undefined ? {} : { item }), event: `${state} after ${after}`, dueAt };
}

async function withPersons(
  { executable, order }: Sight,
  caller: Caller,
  vault: Vault,
): Promise<Pick<WorkOrder, "data" | "items">> {
  const { data, items } = order.snapshot;
  const answers = Object.fromEntries(
    Object.entries(items).map(([collection, members]) => [
      collection,
      members.map(({ id, value, data: fields }): ItemAnswer => {
        // The contract's own members come first, and no field of the item takes their place.
        const { id: _id, state: _state, ...rest } = fields;
        return { id, state: value, ...rest };
      }),
    ]),
  );
  const values = await personsIn([data, ...fieldsOf(items)], executable, caller, vault);
  return {
    data: unseal(data, values),
    items: Object.fromEntries(
      Object.entries(answers).map(([collection, members]) => [
        collection,
        members.map(({ id, state, ...fields }) => ({ id, state, ...unseal(fields, values) })),
      ]),
    ),
  };
}

function fieldsOf(items: OrderSnapshot["items"]): readonly JsonObject[] {
  return Object.values(items).flatMap((members) => members.map(({ data }) => data));
}

function keyOf({ event, item }: { readonly event: string; readonly item?: string }): string {
  return JSON.stringify([event, item ?? null]);
}

function enabledAnswer(executable: Executable, choice: EnabledEvent): EnabledAnswer {
  const { event, item, by, when } = choice;
  const whenWhy = whyConditional(choice);
  return {
    event,
    ...(item === undefined ? {} : { item }),
    title: eventTitle(executable, event),
    by,
    payloadSchema: executable.events.get(event)?.payload.schema ?? true,
    ...(when === undefined ? {} : { when }),
    ...(whenWhy === null ? {} : { whenWhy }),
  };
}

function blockedAnswer(executable: Executable, choice: BlockedEvent): BlockedAnswer {
  const { event, item, by, because } = choice;
  return {
    event,
    ...(item === undefined ? {} : { item }),
    title: eventTitle(executable, event),
    ...{ by, because, why: whyBlocked(executable, choice) },
  };
}
