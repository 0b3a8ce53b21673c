/** A receiver in a storm: it fails at random in every way there is, and keeps book of all that reached it. */

import type { CloudEvent } from "cloudevents";
import type {
  DeliveryAnswer,
  DeliveryRequest,
  Outlet,
} from "../../src/runtime/contracts/webhooks.ts";
import type { Clock } from "../../src/runtime/ports.ts";
import { received } from "../support/webhook-receiver.ts";

export interface StormPorts {
  readonly clock: Clock;
  readonly chance: () => number;
  /** What the receiver verifies with at the moment. */
  readonly secret: () => string;
  readonly isStormy: () => boolean;
}

export interface Storm {
  readonly deliver: Outlet["deliver"];
  /** Event ids by order, as they first reached the receiver, whatever it answered. */
  readonly firsts: ReadonlyMap<string, readonly string[]>;
  /** The same, as they were first taken. */
  readonly taken: ReadonlyMap<string, readonly string[]>;
  readonly events: ReadonlyMap<string, CloudEvent<ReturnType<typeof JSON.parse>>>;
  readonly counts: { attempts: number; taken: number; lostAnswers: number; notReached: number };
  /** Attempts that do something now. */
  readonly working: () => number;
  /** Attempts that wait for their time-out. */
  readonly waiting: () => number;
}

export function createStorm({ clock, chance, secret, isStormy }: StormPorts): Storm {
  const counts = { attempts: 0, taken: 0, lostAnswers: 0, notReached: 0 };
  const firsts = new Map<string, string[]>();
  const taken = new Map<string, string[]>();
  const events = new Map<string, CloudEvent<ReturnType<typeof JSON.parse>>>();
  const seen = { firsts: new Set<string>(), taken: new Set<string>() };
  let working = 0;
  let waiting = 0;

  const read = ({ headers, body }: DeliveryRequest) => {
    const { event } = received(secret(), { ...headers }, body);
    events.set(event.id, event);
    note(seen.firsts, firsts, event);
    return event;
  };
  const take = (request: DeliveryRequest): void => {
    counts.taken += 1;
    note(seen.taken, taken, read(request));
  };
  const late = async (signal: AbortSignal): Promise<DeliveryAnswer> => {
    working -= 1;
    waiting += 1;
    await clock.sleep(15_000, signal);
    waiting -= 1;
    working += 1;
    return { kind: "failed", fault: signal.aborted ? "stopped" : "timed-out" };
  };

  const answer = async (request: DeliveryRequest, signal: AbortSignal): Promise<DeliveryAnswer> => {
    const luck = isStormy() ? chance() : 1;
    if (luck < 0.25) {
      read(request);
      return { kind: "answered", status: 500, retryAfter: null };
    }
    if (luck < 0.28) {
      counts.notReached += 1;
      return late(signal);
    }
    if (luck < 0.31) {
      counts.lostAnswers += 1;
      take(request);
      return late(signal);
    }
    if (luck < 0.46) {
      counts.notReached += 1;
      return { kind: "failed", fault: "connection-failed" };
    }
    if (luck < 0.53) {
      counts.lostAnswers += 1;
      take(request);
      return { kind: "failed", fault: "connection-failed" };
    }
    if (luck < 0.6) {
      read(request);
      return { kind: "answered", status: 429, retryAfter: String(Math.ceil(luck * 100) - 50) };
    }
    take(request);
    return { kind: "answered", status: 204, retryAfter: null };
  };

  return {
    deliver: async (request, signal) => {
      counts.attempts += 1;
      working += 1;
      try {
        return await answer(request, signal);
      } finally {
        working -= 1;
      }
    },
    ...{ firsts, taken, events, counts, working: () => working, waiting: () => waiting },
  };
}

function note(
  known: Set<string>,
  byOrder: Map<string, string[]>,
  { id, subject = "" }: CloudEvent<unknown>,
): void {
  if (known.has(id)) return;
  known.add(id);
  byOrder.set(subject, [...(byOrder.get(subject) ?? []), id]);
}
