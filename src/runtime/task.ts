/** What callers see of human tasks, and what they may do about them: the shapes that leave the engine. */

import type { Text } from "../../machines/document/document.ts";
import type { Instant } from "../../machines/order.ts";
import type { Caller, OrdersResult, Page } from "./engine.ts";
import type { Refused } from "./refusal.ts";
import type { EnabledAnswer } from "./work-order.ts";

/** An active state with `meta.element: userTask`, of the order or of one of its items. */
export interface Task {
  /** `<order id>.<revision that opened it>.<position there>`. */
  readonly id: string;
  readonly order: string;
  readonly process: string;
  readonly version: string;
  readonly businessKey: string | null;
  readonly centre: string | null;
  /** The order's, for `If-Match`. */
  readonly revision: number;
  /** Where the order stands. */
  readonly step: string | null;
  /** Path of the state, in the order's chart or in its item's. */
  readonly state: string;
  /** `collection/id`; absent: the order's own. */
  readonly item?: string;
  readonly title: Text;
  /** Who does it; null: the definition does not say. */
  readonly role: string | null;
  /** Who took it; null: nobody yet. */
  readonly assignee: string | null;
  readonly openedAt: Instant;
  /** When the state's earliest timer fell due as the task was opened; it stays when that timer has fired. Null: none. */
  readonly dueAt: Instant | null;
  /** What the caller may send now that this state takes, or one around it up to the step; the item's, for an item's task. */
  readonly events: readonly EnabledAnswer[];
}

export interface TaskFilter {
  readonly role?: string;
  readonly centre?: string;
  readonly assignee?: string;
  /** Whether anybody took it. */
  readonly assigned?: boolean;
  readonly process?: string;
  /** An order's id. */
  readonly order?: string;
  readonly businessKey?: string;
  /** Whether its due instant has come. */
  readonly overdue?: boolean;
}

export interface ClaimRequest {
  /** Absent: the caller. Only an admin or a manager gives a task to somebody else, also away from who has it. */
  readonly assignee?: string;
}

export interface TaskOptions {
  /** Revisions of the order that the caller decided on. */
  readonly ifMatch?: readonly number[];
}

export type TaskResult = { readonly kind: "ok"; readonly task: Task } | Refused;

/**
 * A claim coordinates people: it says who means to do a task. Who may send the event that ends it stays with the
 * definition's `by`. So a claim is no entry of the order's history and makes no revision: no guard reads it, a replay
 * comes to the same order without it, and who did the task stands in the entry that ends it.
 */
export interface Tasks {
  /** The longest open first. One walk gives each task once that is open throughout it. */
  readonly list: (caller: Caller, filter: TaskFilter, page: Page) => Promise<OrdersResult<Task>>;
  /** A task that is closed is not found any more. */
  readonly view: (caller: Caller, id: string) => Promise<TaskResult>;
  /** Of several who claim at once one is first, the others are refused with `task-claimed`; who has it may claim it again. */
  readonly claim: (
    caller: Caller,
    id: string,
    request: ClaimRequest,
    options?: TaskOptions,
  ) => Promise<TaskResult>;
  /** Gives it back; what nobody has may be given back again. An admin or a manager releases what others have. */
  readonly release: (caller: Caller, id: string, options?: TaskOptions) => Promise<TaskResult>;
}
