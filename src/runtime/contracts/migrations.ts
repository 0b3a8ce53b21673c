/** What a caller asks of a migration of one order, and what it is told. */

import type { JsonObject } from "../../../machines/json.ts";
import type { MigrationRules } from "../../../machines/migrate/rules.ts";
import type { StateValue } from "../../../machines/order.ts";
import type { Refused } from "../refusal.ts";
import type { WorkOrder } from "../work-order.ts";

export interface MigrateRequest {
  /** The version of the order's process that it shall live under. */
  readonly to: string;
  /** Absent: everything goes where it bears the same name. */
  readonly rules?: MigrationRules;
  /** Why, for whoever reads the history. Never a person's data. */
  readonly reason?: string;
  /** Names the run that it belongs to, in the history. */
  readonly run?: string;
  /** What would happen, and nothing written. */
  readonly isDryRun?: boolean;
}

/** What became of the order's parts; timers, jobs and tasks that are in neither list go on. */
export interface Migrated {
  readonly from: string;
  readonly to: string;
  readonly before: StateValue;
  readonly after: StateValue;
  readonly timers: Ends;
  readonly jobs: Ends;
  readonly tasks: Ends;
  /** As it is recorded, personal values sealed. */
  readonly payload: JsonObject;
}

/** Names for people: paths of states, of items before their collection and id. */
export interface Ends {
  readonly begun: readonly string[];
  readonly ended: readonly string[];
}

/** `migrated` null: answered before under the same idempotency key; what it came to, the history tells. */
export type MigrateResult =
  | { readonly kind: "ok"; readonly order: WorkOrder; readonly migrated: Migrated | null }
  | Refused;
