/** One history entry is one line of JSON, stored verbatim and chained by SHA-256: what is in it, and in which order. */

import { hash } from "node:crypto";
import type { JsonObject } from "../../machines/json.ts";
import type {
  Actor,
  Effect,
  Instant,
  Order,
  OrderEvent,
  StateValue,
  Stepped,
  Timer,
} from "../../machines/order.ts";
import type { Snapshot } from "./snapshot.ts";

/** The members stand in the line in exactly this order. */
export interface Entry {
  readonly v: 1;
  /** Id of the order. */
  readonly order: string;
  /** Counted from 1, without a gap. */
  readonly revision: number;
  /** SHA-256 of the line before it, 64 zeros in the first. */
  readonly prev: string;
  readonly at: Instant;
  readonly type: string;
  readonly actor: Actor;
  /** The definition's. */
  readonly digest: string;
  /** State of the order's own chart; null before the start. */
  readonly before: StateValue | null;
  readonly after: StateValue;
  /** Personal values are commitments here; `sealed` names them. */
  readonly payload: JsonObject;
  /** By JSON Pointer into the payload: the commitment's hex digits. */
  readonly sealed: Commitments;
  readonly timers: { readonly set: readonly Timer[]; readonly cancelled: readonly string[] };
  /** Declared effects first, then the jobs that were opened and closed. */
  readonly effects: readonly Effect[];
  /** Items opened or moved; left out when there are none. */
  readonly items?: Stepped["items"];
  /** SHA-256 of the snapshot text after it. */
  readonly state: string;
}

export interface Commitments {
  readonly [pointer: string]: string;
}

/** What follows from the place of an entry in its history, and what happened there. */
export interface Happened {
  readonly prev: string;
  readonly before: Order | null;
  readonly event: OrderEvent;
  readonly sealed: Commitments;
  readonly stepped: Stepped;
  /** Of the order after it. */
  readonly snapshot: Snapshot;
}

export const MEMBERS = [
  "v",
  "order",
  "revision",
  "prev",
  "at",
  "type",
  "actor",
  "digest",
  "before",
  "after",
  "payload",
  "sealed",
  "timers",
  "effects",
  "items",
  "state",
] as const satisfies readonly (keyof Entry)[];

/** `prev` of the first entry. */
export const NO_LINE = "0".repeat(64);

export function entryOf({ prev, before, event, sealed, stepped, snapshot }: Happened): Entry {
  const { order, effects, timers, jobs, items } = stepped;
  const { sub, role, centre } = event.actor;
  return {
    v: 1,
    order: order.identity.id,
    revision: order.revision,
    prev,
    at: order.at,
    type: event.type,
    actor: { sub, role, centre },
    digest: order.digest,
    before: before === null ? null : before.snapshot.value,
    after: order.snapshot.value,
    payload: event.payload,
    sealed,
    timers: { set: timers.set, cancelled: timers.cancelled },
    effects: [...effects, ...jobEffects(jobs)],
    ...(Object.keys(items).length > 0 ? { items } : {}),
    state: snapshot.hash(),
  };
}

/** The line of an entry; no line break in it or after it. */
export function entryLine(entry: Entry): string {
  return JSON.stringify(entry);
}

/** What the next entry's `prev` holds. */
export function hashLine(line: string): string {
  return sha256(line);
}

/** Lowercase hex of the SHA-256 of the text's UTF-8 bytes. */
export function sha256(text: string): string {
  return hash("sha256", text);
}

function jobEffects({ opened, closed }: Stepped["jobs"]): readonly Effect[] {
  return [
    ...opened.map(({ id, item, state, invoke, type, input }): Effect => ({
      type: "job.opened",
      ...(item === undefined ? {} : { item }),
      params: { job: id, type, state, invoke, input },
    })),
    ...closed.map((id): Effect => ({ type: "job.closed", params: { job: id } })),
  ];
}
