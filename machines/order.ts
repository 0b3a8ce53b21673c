/** A work order as the pure core sees it: what a step takes, and what it gives. All of it is JSON. */

import type { Text } from "./document/document.ts";
import type { JsonObject } from "./json.ts";

/** RFC 3339 UTC with milliseconds, such as `2026-11-22T08:00:00.000Z`. */
export type Instant = string;

/** XState's state value: a key, or nested objects with one member per active region, in document order. */
export type StateValue = string | { readonly [key: string]: StateValue };

export interface Actor {
  /** Who: a stable pseudonymous id, never a name. */
  readonly sub: string;
  /** The role acted in. */
  readonly role: string;
  readonly centre: string | null;
}

/** The order's identity; never changes after its start. */
export interface OrderIdentity {
  readonly id: string;
  readonly businessKey: string | null;
  readonly centre: string | null;
}

/** A pending timer. `id` is unique in the order and derived from the revision that set it: its generation. */
export interface Timer {
  readonly id: string;
  /** `collection/itemId` for an item's timer. */
  readonly item?: string;
  /** Path of the state that waits, dots between keys. */
  readonly state: string;
  /** The key of `after` as written. */
  readonly after: string;
  readonly dueAt: Instant;
}

/** An open job (BPMN service task). `id` is unique in the order and derived from the revision that opened it. */
export interface Job {
  readonly id: string;
  readonly item?: string;
  /** Path of the state that invoked it. */
  readonly state: string;
  /** The invocation's id. */
  readonly invoke: string;
  readonly type: string;
  readonly input: JsonObject;
}

/** One statechart's own state. `history` holds, by history node id, the ids of the states to come back to. */
export interface ChartState {
  readonly value: StateValue;
  readonly status: "active" | "done";
  readonly history: { readonly [historyId: string]: readonly string[] };
}

export interface Item extends ChartState {
  readonly id: string;
  readonly data: JsonObject;
}

/** The part of an order that changes. Its JSON text is what is stored, and what an entry's `state` hashes. */
export interface OrderSnapshot extends ChartState {
  /** Outcome of the final state; null while active. */
  readonly outcome: string | null;
  readonly data: JsonObject;
  /** By collection, in the order of opening. */
  readonly items: { readonly [collection: string]: readonly Item[] };
  readonly timers: readonly Timer[];
  readonly jobs: readonly Job[];
  /** For every event named in a separation rule: who sent it, once each, in order. */
  readonly performers: { readonly [event: string]: readonly string[] };
}

export interface Order {
  readonly identity: OrderIdentity;
  /** Digest of the definition that the order lives under. */
  readonly digest: string;
  /** Number of accepted events, the start included. */
  readonly revision: number;
  /** Instant of the last accepted event. */
  readonly at: Instant;
  readonly snapshot: OrderSnapshot;
}

/** Types that only the engine sends; a document can't declare them, because names there hold no dot. */
export type EngineEventType =
  | "order.started"
  | "order.migrated"
  | "timer.fired"
  | "timer.cancelled"
  | "job.completed"
  | "job.failed";

/**
 * What happens to an order: an event of the document's vocabulary, or one of the engine's:
 * `order.started`, `order.migrated` (into another version, see `machines/migrate`),
 * `timer.fired` `{ timer }`, `timer.cancelled` `{ timer, reason }` (a person gave it up; nothing but the timer changes),
 * `job.completed` `{ job, output }`, `job.failed` `{ job, error: { code, message } }`. An engine's event may say more
 * about how it came, which moves nothing: `claim`, by which worker's claim a job ended; `reason`, why a person ended it.
 * The payload holds commitments where the schema says `x-personal`, never the personal value.
 */
export interface OrderEvent {
  readonly type: string;
  readonly payload: JsonObject;
  readonly actor: Actor;
}

/** A declared effect with its evaluated params; goes to the outbox. `values`: the placeholders of its message, by expression. */
export interface Effect {
  readonly type: string;
  readonly item?: string;
  readonly params: JsonObject;
  readonly values?: JsonObject;
}

/** A transition that was taken: its place in the document, as a JSON Pointer, and the event that took it. */
export interface Taken {
  readonly pointer: string;
  readonly event: string;
  readonly item?: string;
}

/** A state for a person to end: `meta.element: userTask`, of the order's chart or of an item's. */
export interface TaskPlace {
  /** `collection/itemId` for an item's. */
  readonly item?: string;
  /** Path of the state, dots between keys. */
  readonly state: string;
}

export interface Stepped {
  readonly kind: "stepped";
  readonly order: Order;
  readonly effects: readonly Effect[];
  readonly timers: { readonly set: readonly Timer[]; readonly cancelled: readonly string[] };
  readonly jobs: { readonly opened: readonly Job[]; readonly closed: readonly string[] };
  readonly taken: readonly Taken[];
  /** Items opened or moved: `collection/id` -> state value before (null: opened) and after. */
  readonly items: { readonly [item: string]: readonly [StateValue | null, StateValue] };
  /** User tasks that were entered on the way, also from themselves, in the order of entering; some may be left again. */
  readonly begun: readonly TaskPlace[];
}

export type RejectionCode =
  | "event-unknown"
  | "event-not-enabled"
  | "role-not-allowed"
  | "separation-violated"
  | "order-closed"
  | "payload-invalid"
  | "item-unknown"
  | "item-exists"
  | "timer-unknown"
  | "timer-not-due"
  | "job-unknown"
  | "data-invalid"
  | "invariant-violated"
  | "expression-failed"
  | "step-unbounded"
  | "definition-mismatch"
  /** A part of the order has no place in the other version, and no rule says where it goes. */
  | "migration-undecided"
  /** Where the rules lead, the order can't be. */
  | "migration-impossible";

/** Nothing was changed. `errors` name the offending places of the payload or the data. */
export interface Rejected {
  readonly kind: "rejected";
  readonly code: RejectionCode;
  readonly detail: string;
  readonly errors?: readonly { readonly pointer: string; readonly message: string }[];
  /** The guard, rule or invariant that refused, as written in the document. */
  readonly because?: string;
  /** JSON Pointer into the document, of what refused. */
  readonly pointer?: string;
  /** The document's own words for what refused (`meta.because`); absent: it has none. */
  readonly words?: Text;
}

export type StepResult = Stepped | Rejected;

/** An event that the actor may send now. `when`: text of the guard that needs the payload to be decided. */
export interface EnabledEvent {
  readonly event: string;
  readonly item?: string;
  readonly by: readonly string[];
  readonly when?: string;
  /** The document's own words for `when` (`meta.because`); absent: it has none. */
  readonly words?: Text;
}

/** An event that the current state knows, but a guard, a role or a separation rule refuses. */
export interface BlockedEvent {
  readonly event: string;
  readonly item?: string;
  readonly by: readonly string[];
  /** What kind of thing refuses. */
  readonly refuses: "guard" | "role" | "separation";
  readonly because: string;
  /** JSON Pointer of what refuses. */
  readonly pointer: string;
  /** The document's own words for the guard that refuses (`meta.because`); absent: it has none. */
  readonly words?: Text;
}

export interface Choices {
  readonly enabled: readonly EnabledEvent[];
  readonly blocked: readonly BlockedEvent[];
}

/** What an order starts from. `data` holds commitments where the schema says `x-personal`. */
export interface Start {
  readonly identity: OrderIdentity;
  readonly data: JsonObject;
  readonly actor: Actor;
}
