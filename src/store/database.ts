/** The one SQL dialect under the store: typed tables over Kysely, on a Postgres server or on PGlite inside the process. */

import type { ColumnType, Kysely } from "kysely";

import type { Connections } from "./contracts/backlog.ts";
import type { Signals } from "./contracts/signals.ts";
import type { EpochMs } from "./store.ts";
import type { ApiKeysTable } from "./tables/api-keys.ts";
import type { ArchivePlacesTable } from "./tables/archive-places.ts";
import type { ArchivedEntriesTable } from "./tables/archived-entries.ts";
import type { ArchivedOrdersTable } from "./tables/archived-orders.ts";
import type { DefaultVersionsTable } from "./tables/default-versions.ts";
import type { DefinitionsTable } from "./tables/definitions.ts";
import type { DeliveriesTable } from "./tables/deliveries.ts";
import type { DeliveryLanesTable } from "./tables/delivery-lanes.ts";
import type { EntriesTable } from "./tables/entries.ts";
import type { FeedBatchesTable, FeedPendingTable, FeedTable } from "./tables/feed.ts";
import type { IdempotencyTable } from "./tables/idempotency.ts";
import type { IncidentsTable } from "./tables/incidents.ts";
import type { JobsTable } from "./tables/job-row.ts";
import type { KeystoreTable } from "./tables/keystore.ts";
import type { LogCheckpointsTable } from "./tables/log-checkpoints.ts";
import type { LogKeysTable } from "./tables/log-keys.ts";
import type { LogTilesTable } from "./tables/log-tiles.ts";
import type { MessagesTable } from "./tables/messages.ts";
import type { OrderSubjectsTable } from "./tables/order-subjects.ts";
import type { OrdersTable } from "./tables/orders.ts";
import type { OutboxTable } from "./tables/outbox.ts";
import type { ReservationsTable } from "./tables/reservations.ts";
import type { RestrictionsTable } from "./tables/restrictions.ts";
import type { ResourcesTable } from "./tables/resources.ts";
import type { SealedBoxesTable, SealedTable } from "./tables/sealed.ts";
import type { SnapshotsTable } from "./tables/snapshots.ts";
import type { TasksTable } from "./tables/tasks.ts";
import type { TestClocksTable } from "./tables/test-clocks.ts";
import type { TimersTable } from "./tables/timers.ts";
import type { WebhooksTable } from "./tables/webhooks.ts";

export interface Tables {
  readonly definitions: DefinitionsTable;
  readonly default_versions: DefaultVersionsTable;
  readonly orders: OrdersTable;
  readonly entries: EntriesTable;
  readonly feed: FeedTable;
  readonly feed_batches: FeedBatchesTable;
  readonly feed_pending: FeedPendingTable;
  readonly order_subjects: OrderSubjectsTable;
  readonly sealed_boxes: SealedBoxesTable;
  readonly log_tiles: LogTilesTable;
  readonly log_checkpoints: LogCheckpointsTable;
  readonly log_keys: LogKeysTable;
  readonly sealed: SealedTable;
  readonly restrictions: RestrictionsTable;
  readonly keystore: KeystoreTable;
  readonly snapshots: SnapshotsTable;
  readonly timers: TimersTable;
  readonly test_clocks: TestClocksTable;
  readonly jobs: JobsTable;
  readonly tasks: TasksTable;
  readonly outbox: OutboxTable;
  readonly incidents: IncidentsTable;
  readonly resources: ResourcesTable;
  readonly reservations: ReservationsTable;
  readonly webhooks: WebhooksTable;
  readonly delivery_lanes: DeliveryLanesTable;
  readonly deliveries: DeliveriesTable;
  readonly idempotency: IdempotencyTable;
  readonly messages: MessagesTable;
  readonly api_keys: ApiKeysTable;
  readonly archive_places: ArchivePlacesTable;
  readonly archived_orders: ArchivedOrdersTable;
  readonly archived_entries: ArchivedEntriesTable;
}

export type Db = Kysely<Tables>;

/** A `timestamptz`: read as epoch milliseconds, written as RFC 3339 text (see `timestamp`). */
export type TimestampColumn = ColumnType<EpochMs, string, string>;

/** Given by the database, and never written. */
export type GeneratedColumn<T> = ColumnType<T, never, never>;

/** A statement that the database plans once per connection, under its name. */
export interface PreparedStatement {
  readonly name: string;
  readonly text: string;
}

export interface Database {
  readonly kind: "postgres" | "pglite";
  readonly db: Db;
  /** Runs the work on a connection that may wait for other servers' migrations without a limit. */
  readonly migrating: <T>(work: (db: Db) => Promise<T>) => Promise<T>;
  /**
   * Runs a statement that is planned once per connection, as a transaction of its own that waits for locks only briefly.
   * It takes its parameters in the binary format, and returns one column of text, `row`.
   * @throws {StoreUnavailable} when it may have run all the same; anything else that it throws says that it has not
   */
  readonly prepared: (
    statement: PreparedStatement,
    values: readonly Buffer[],
  ) => Promise<readonly string[]>;
  readonly signals: Signals;
  /** Null: the database is inside this process. */
  readonly connections: () => Connections | null;
  /** Rejects within a second when the database can't be reached. */
  readonly ping: () => Promise<void>;
  readonly close: () => Promise<void>;
}
