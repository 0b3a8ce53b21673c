/** Open tasks: what orders wait for a person to do, and who has taken it. A closed task is no row: history has it. */

import type { OrderDamaged } from "../errors.ts";
import type { EpochMs, OrderPage, Scope, StoredOrder } from "../store.ts";

/** Where a task stands in its order; at most one is open at a place. */
export interface TaskPlace {
  /** `collection/itemId`; null: the order's own. */
  readonly item: string | null;
  /** Path of the state. */
  readonly state: string;
}

export interface NewTask extends TaskPlace {
  /** Unique in the order for ever: the revision that opened it, a dot, and its position there. */
  readonly id: string;
  /** Who does it; null: the definition does not say. */
  readonly role: string | null;
  /** By the order's own clock, like `dueAt`. */
  readonly openedAt: EpochMs;
  /** When its earliest timer fell due as it was opened; kept when that timer is gone. */
  readonly dueAt: EpochMs | null;
}

/** What a write does to the tasks: first those closed go, then those opened come. */
export interface TaskChanges {
  readonly opened: readonly NewTask[];
  readonly closed: readonly TaskPlace[];
}

export interface StoredTask extends NewTask {
  /** Who took it; null: nobody yet. */
  readonly assignee: string | null;
  /** The order as it stands, read in the same statement. */
  readonly order: StoredOrder;
}

export interface TaskFilter {
  readonly role?: string;
  readonly centre?: string;
  readonly assignee?: string;
  /** Whether anybody took it. */
  readonly assigned?: boolean;
  readonly process?: string;
  readonly orderId?: string;
  readonly businessKey?: string;
  /** Whether its due instant has come, by its order's clock. */
  readonly overdue?: boolean;
  readonly limit: number;
  readonly cursor?: string;
}

export interface Assignment {
  /** Null: nobody. */
  readonly assignee: string | null;
  /** Who may have it now; null among them: nobody. */
  readonly from: "anyone" | readonly (string | null)[];
  /** The order's revisions that the caller decided on. */
  readonly ifMatch?: readonly number[];
}

export type Assigned =
  | { readonly kind: "assigned"; readonly task: StoredTask }
  | { readonly kind: "held"; readonly by: string }
  | { readonly kind: "moved"; readonly revision: number }
  | { readonly kind: "gone" };

/** What a history says about an order's tags and tasks at its end. */
export interface Projection {
  readonly orderId: string;
  readonly revision: number;
  readonly tags: readonly string[];
  readonly tasks: readonly NewTask[];
}

/** `next`: where to go on; null: these were the last. */
export interface OrdersBehind {
  readonly items: readonly StoredOrder[];
  readonly damaged: readonly OrderDamaged[];
  readonly next: string | null;
}

export interface Tasks {
  /** @returns null when it is closed, hidden, or never was */
  readonly get: (id: string, scope: Scope) => Promise<StoredTask | null>;
  /** The longest open first. One walk gives each task once that was open from its first page to its last. */
  readonly list: (filter: TaskFilter, scope: Scope) => Promise<OrderPage<StoredTask>>;
  /**
   * Decided under the task's row lock: of several at once one comes first, and the others meet what it left. The order
   * itself is not written: see `Tasks` of the engine.
   */
  readonly assign: (id: string, assignment: Assignment, scope: Scope) => Promise<Assigned>;
  /**
   * Orders whose tags and tasks are not those of their revision, because a release that knew neither wrote them; by id.
   * Lists by tag or task miss such an order until `project` has caught it up.
   */
  readonly behind: (page: {
    /** An order's id. */
    readonly after: string;
    readonly limit: number;
  }) => Promise<OrdersBehind>;
  /**
   * Writes what the history says; tasks that are open already keep who took them.
   * @returns false when the order has moved on, or was caught up by another
   */
  readonly project: (projection: Projection) => Promise<boolean>;
}
