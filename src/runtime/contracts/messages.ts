/** What the engine promises about messages: events from outside that name what they are about, and not an order. */

import type { JsonObject } from "../../../machines/json.ts";
import type { Instant } from "../../../machines/order.ts";
import type { MessageState } from "../../store/contracts/messages.ts";
import type { Caller, ListResult, Page } from "../engine.ts";
import type { Refused } from "../refusal.ts";
import type { WorkOrder } from "../work-order.ts";

export interface MessageRequest {
  /** The event that it becomes. */
  readonly name: string;
  /**
   * What the order it is meant for has: `businessKey`, and fields of its data by their dotted path. All of it, equal in
   * type too.
   */
  readonly correlation: { readonly [field: string]: string | number | boolean };
  readonly payload: JsonObject;
  /** How long it may wait for an order; absent: not at all. */
  readonly ttlSeconds?: number;
}

export interface MessageAnswer {
  readonly id: string;
  readonly name: string;
  readonly correlation: MessageRequest["correlation"];
  readonly state: MessageState;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  /** Null while it is kept. */
  readonly endedAt: Instant | null;
  /** The order that took it and the revision that it made; of a refused one the order that refused it. */
  readonly order: string | null;
  readonly revision: number | null;
  /** The code of the refusal. */
  readonly code: string | null;
}

export type MessageSent =
  | { readonly kind: "ok"; readonly order: WorkOrder }
  | { readonly kind: "ok"; readonly message: MessageAnswer };
export type MessageResult = { readonly kind: "ok"; readonly message: MessageAnswer } | Refused;

export interface Messages {
  /**
   * To the one open order in the caller's reach that waits for it from this caller. None waits: refused with
   * `message-unmatched`, or kept when a time to live is given, and delivered with the caller's authority of now as soon as
   * one order waits, the oldest first. Several wait: `message-ambiguous`.
   */
  readonly send: (caller: Caller, request: MessageRequest) => Promise<MessageSent | Refused>;
  /** Kept messages, those that were once kept too; the caller's own, to an admin those of the admin's centres. */
  readonly list: (
    caller: Caller,
    filter: { readonly state?: MessageState },
    page: Page,
  ) => Promise<ListResult<MessageAnswer>>;
  readonly get: (caller: Caller, id: string) => Promise<MessageResult>;
  /** It waits no longer; again changes nothing. Refused with `message-ended` when it has ended otherwise. */
  readonly withdraw: (caller: Caller, id: string) => Promise<MessageResult>;
}
