/**
 * The shapes in which orders and their histories leave the engine: the HTTP contract's, field by field.
 * What is said to people is a `Text` in all its languages: who asks, and in which language, only the edge knows.
 */

import type { Text } from "../../machines/document/document.ts";
import type { Json, JsonObject, JsonSchema } from "../../machines/json.ts";
import type { Effect, Instant, StateValue } from "../../machines/order.ts";

export interface WorkOrder {
  readonly id: string;
  readonly process: string;
  readonly version: string;
  readonly digest: string;
  readonly businessKey: string | null;
  readonly centre: string | null;
  readonly revision: number;
  /** `incident`: a timer or a job could not go on, and waits for a person. */
  readonly status: "active" | "done" | "incident";
  /** What a done order came to; null while it is not. */
  readonly outcome: string | null;
  /** `meta.step` of the deepest active state that has one, its own or inherited; null: no state names a step. */
  readonly step: string | null;
  readonly state: StateValue;
  /** Where it stands, for people: `Repair › in progress`. */
  readonly stateTitle: Text;
  readonly tags: readonly string[];
  readonly data: JsonObject;
  readonly items: { readonly [collection: string]: readonly ItemAnswer[] };
  /** What the caller may send now. */
  readonly enabled: readonly EnabledAnswer[];
  /** What this state knows, but a guard, a role or a separation rule refuses to the caller. */
  readonly blocked: readonly BlockedAnswer[];
  readonly timers: readonly TimerAnswer[];
  readonly jobs: readonly JobAnswer[];
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  /** The test clock that the order lives by; absent: the database's clock. */
  readonly testClock?: string;
}

export interface ItemAnswer {
  readonly id: string;
  readonly state: StateValue;
  readonly [field: string]: Json;
}

export interface EnabledAnswer {
  readonly event: string;
  readonly item?: string;
  readonly title: Text;
  readonly by: readonly string[];
  readonly payloadSchema: JsonSchema;
  /** Text of the guard that needs the payload to be decided. */
  readonly when?: string;
  /** The same in words; there exactly when `when` is. */
  readonly whenWhy?: Text;
}

export interface BlockedAnswer {
  readonly event: string;
  readonly item?: string;
  readonly title: Text;
  readonly by: readonly string[];
  /** The guard, role or rule that refuses, as the document has it. */
  readonly because: string;
  /** The same in words. */
  readonly why: Text;
}

export interface TimerAnswer {
  readonly id: string;
  readonly item?: string;
  /** Path of the state that waits, and the delay as written under its `after`. */
  readonly event: string;
  readonly dueAt: Instant;
}

export interface JobAnswer {
  readonly id: string;
  readonly type: string;
  /** `open`: waits for a worker or is with one; `failed`: retries ran out, an incident is open. */
  readonly state: "open" | "failed";
}

/** One line of the history, its personal values joined back for a reader who may see them. */
export interface HistoryEntry {
  readonly revision: number;
  readonly at: Instant;
  readonly type: string;
  readonly payload: JsonObject;
  readonly actor: { readonly sub: string; readonly role: string };
  /** Null before the start. */
  readonly before: StateValue | null;
  readonly after: StateValue;
  readonly effects: readonly Effect[];
  readonly timers: { readonly set: readonly TimerAnswer[]; readonly cancelled: readonly string[] };
  readonly digest: string;
  readonly prevHash: string;
  readonly hash: string;
}
