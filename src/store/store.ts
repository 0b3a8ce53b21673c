/**
 * What the store promises to its callers: an order changes by one pure decision, in one transaction, all or nothing.
 * Instants cross this border as epoch milliseconds; every one of them was read from the database's clock
 * (or from the clock handed in, or from an order's test clock), never from the server's own.
 */

import type { JsonObject } from "../../machines/json.ts";
import type { Rebuild } from "../audit/rebuild.ts";
import type { Snapshot } from "../audit/snapshot.ts";
import type { OrderDamaged } from "./errors.ts";
import type { ReadBeside } from "./contracts/beside-history.ts";
import type { Deliveries } from "./contracts/deliveries.ts";
import type { ApiKeys } from "./contracts/api-keys.ts";
import type { Archive } from "./contracts/archive.ts";
import type { StoreLog } from "./contracts/log.ts";
import type { Backlog, Connections } from "./contracts/backlog.ts";
import type { Definitions } from "./contracts/definitions.ts";
import type { Idempotency, IdempotencyKey, Settled } from "./contracts/idempotency.ts";
import type { Feed } from "./contracts/feed.ts";
import type { Incidents, NewIncident, Resolution } from "./contracts/incidents.ts";
import type { JobLease, Jobs, NewJob } from "./contracts/jobs.ts";
import type { KeystoreBond } from "./contracts/keystore-bond.ts";
import type { MerkleLog } from "./contracts/merkle-log.ts";
import type { Messages } from "./contracts/messages.ts";
import type { WalkOrders } from "./contracts/order-walk.ts";
import type { Persons } from "./contracts/persons.ts";
import type { Reservations } from "./contracts/reservations.ts";
import type { Sealed, SealedBox } from "./contracts/sealed.ts";
import type { Signals } from "./contracts/signals.ts";
import type { TaskChanges, Tasks } from "./contracts/tasks.ts";
import type { NewTimer, TestClocks, Timers } from "./contracts/time.ts";
import type { Webhooks } from "./contracts/webhooks.ts";

export type EpochMs = number;

/** What a caller may see. An order of another centre looks absent; one without a centre shows to `"*"` only. */
export interface Scope {
  readonly centres: readonly string[] | "*";
}

/** `incident` exactly while an incident of the order is open. */
export type OrderStatus = "active" | "done" | "incident";

export interface StoredOrder {
  readonly id: string;
  readonly process: string;
  readonly version: string;
  /** Digest of the definition that the order lives under. */
  readonly digest: string;
  readonly businessKey: string | null;
  readonly centre: string | null;
  readonly revision: number;
  readonly status: OrderStatus;
  readonly outcome: string | null;
  /** The process step the order stands in, for lists. */
  readonly step: string | null;
  /** Its text byte for byte as it was written. */
  readonly snapshot: Snapshot;
  /** SHA-256 of the last history line. */
  readonly lastHash: string;
  /** Instant of the last entry, by the order's own clock. */
  readonly at: EpochMs;
  /** By the database's clock, also on a test clock. */
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
  /** The test clock that the order lives by; null: the database's. */
  readonly testClock: string | null;
  /** The keystore's tag of whose data it holds; null: its own. It never changes. */
  readonly subject: string | null;
}

/** One history entry; `line` is the stored text, byte for byte, and `hash` its SHA-256. */
export interface HistoryEntry {
  readonly revision: number;
  readonly at: EpochMs;
  readonly type: string;
  readonly line: string;
  readonly hash: string;
}

/** An effect that leaves the order; its place among the order's messages is (revision, index in the write). */
export interface NewMessage {
  readonly type: string;
  readonly item: string | null;
  readonly params: JsonObject;
  readonly values: JsonObject | null;
}

export interface OutboxMessage extends NewMessage {
  readonly orderId: string;
  readonly revision: number;
  readonly index: number;
  readonly at: EpochMs;
}

/** The order as it stands after the write. The store itself adds `status: "incident"`, `at`, `lastHash` and the instants. */
export interface OrderHead {
  readonly process: string;
  readonly version: string;
  readonly digest: string;
  readonly businessKey: string | null;
  readonly centre: string | null;
  readonly status: "active" | "done";
  readonly outcome: string | null;
  readonly step: string | null;
  /** Of all active states. */
  readonly tags: readonly string[];
  readonly snapshot: Snapshot;
}

/** One accepted event. `entry.revision` must be the current revision + 1 (1 for a new order), `entry.at` not before the last. */
export interface OrderWrite {
  readonly order: OrderHead;
  readonly entry: HistoryEntry;
  /** Of a new order: the tag of whose data it holds; absent: its own. An order that exists keeps its own. */
  readonly subject?: string;
  readonly sealed: readonly SealedBox[];
  /** `cancelled` names every timer that is gone after this, also the one that fired. */
  readonly timers: { readonly set: readonly NewTimer[]; readonly cancelled: readonly string[] };
  /** `undone` are those of the closed that ended without their result: what was reserved for them is free again. */
  readonly jobs: {
    readonly opened: readonly NewJob[];
    readonly closed: readonly string[];
    readonly undone?: readonly string[];
  };
  readonly tasks: TaskChanges;
  readonly outbox: readonly NewMessage[];
  /** Given by a worker that closes its job: a lease that is no longer its own throws `LeaseLost`, nothing written. */
  readonly lease?: JobLease;
  /** Given by a person whose write ends what an incident is about; one that is closed throws `IncidentClosed`. */
  readonly resolution?: Resolution;
}

export type Decision<T, Write = OrderWrite> =
  /** `isProvisional`: nothing was decided, and the caller comes again; so the order need not be the newest. */
  | { readonly kind: "leave"; readonly result: T; readonly isProvisional?: true }
  | { readonly kind: "write"; readonly write: Write; readonly result: T }
  /** `lease`: of the worker whose job it is about; without it, like a write, nothing happens once the lease has ended. */
  | {
      readonly kind: "incident";
      readonly incident: NewIncident;
      readonly lease?: JobLease;
      readonly result: T;
    }
  /** A worker's job goes back, to be offered again; a lease that is no longer its own throws `LeaseLost`. */
  | {
      readonly kind: "release";
      readonly lease: JobLease;
      readonly retryInMs: number;
      readonly result: T;
    }
  /** The timer or job of an incident is offered again at once; an incident that is closed throws `IncidentClosed`. */
  | { readonly kind: "retry"; readonly resolution: Resolution; readonly result: T };

/** Pure and synchronous: it may run again when a conflict made the store retry. What it throws leaves nothing behind. */
export type Decide<T> = (current: StoredOrder | null, now: EpochMs) => Decision<T>;

export interface OrderFilter {
  readonly process?: string;
  readonly version?: string;
  readonly status?: OrderStatus;
  readonly step?: string;
  readonly centre?: string;
  readonly businessKey?: string;
  readonly tag?: string;
  /** Whether an open task is past its due instant, or a timer could not fire. */
  readonly overdue?: boolean;
  readonly limit: number;
  /** As given by the page before; anything else throws `BadCursor`. */
  readonly cursor?: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** A page of what needs orders: those that can't be given are told of instead, and the page is that much shorter. */
export interface OrderPage<T> extends Page<T> {
  readonly damaged: readonly OrderDamaged[];
}

export interface Checkpoint {
  readonly revision: number;
  /** Instant, definition's digest and line's hash of that revision's entry. */
  readonly at: EpochMs;
  readonly digest: string;
  readonly hash: string;
  readonly text: string;
}

export interface Orders {
  readonly get: (id: string, scope: Scope) => Promise<StoredOrder | null>;
  /** Newest change first. One walk gives no order twice, and each order that did not change meanwhile once. */
  readonly list: (filter: OrderFilter, scope: Scope) => Promise<OrderPage<StoredOrder>>;
  /** Entries with a revision over `after`, in order; none after the one with which their lines reach `bytes`. */
  readonly history: (
    id: string,
    page: { readonly after: number; readonly limit: number; readonly bytes?: number },
    scope: Scope,
  ) => Promise<readonly HistoryEntry[]>;
  /** The entry of a revision, or the last one at or before an instant of the order's clock. */
  readonly entryAt: (
    id: string,
    point: { readonly revision: number } | { readonly time: EpochMs },
    scope: Scope,
  ) => Promise<HistoryEntry | null>;
  /** The snapshot at some revision from which the order is rebuilt; null: from its first entry on, or it needs none. */
  readonly checkpoint: (id: string) => Promise<Checkpoint | null>;
  /** All orders that began in a period, page by page. */
  readonly walk: WalkOrders;
  /** Forgets the snapshots and checkpoints (of one order, or all): the history rebuilds them, see `Ports.rebuild`. */
  readonly forgetSnapshots: (id?: string) => Promise<void>;
}

export interface Outbox {
  /** An order's messages in order. */
  readonly list: (
    orderId: string,
    page: { readonly afterRevision: number; readonly limit: number },
  ) => Promise<readonly OutboxMessage[]>;
}

export interface ChangeOptions<T> {
  /** The test clock of the order to be created; an order that exists keeps its own. Unknown: throws `TestClockUnknown`. */
  readonly testClock?: string;
  /** What the decision writes is recorded with it under the key; a key that is known or taken is settled, nothing decided. */
  readonly idempotency?: {
    readonly key: IdempotencyKey;
    readonly settled: (settled: Settled) => T;
  };
}

export interface Store {
  /** Which database answers. */
  readonly kind: "postgres" | "pglite";
  /** Brings the schema up to date; any number of servers may call it at once. */
  readonly migrate: () => Promise<void>;
  /** Rejects within a second when the database can't be reached. */
  readonly ping: () => Promise<void>;
  readonly close: () => Promise<void>;
  readonly now: () => Promise<EpochMs>;
  readonly signals: Signals;
  /**
   * Locks the order, reads its clock after the lock (never before the order's last instant), decides, and commits the
   * decision as a whole. Of several creators of one id exactly one meets `null`. Deadlocks, lock time-outs and
   * serialization failures are retried inside.
   * @throws {StoreUnavailable} when the database was lost: nothing was written, unless the connection broke in the very
   * commit, whose outcome the order's revision tells
   */
  readonly change: <T>(
    orderId: string,
    decide: Decide<T>,
    options?: ChangeOptions<T>,
  ) => Promise<T>;
  readonly definitions: Definitions;
  readonly orders: Orders;
  readonly besideHistory: ReadBeside;
  readonly sealed: Sealed;
  readonly keystore: KeystoreBond;
  readonly persons: Persons;
  readonly timers: Timers;
  readonly testClocks: TestClocks;
  readonly jobs: Jobs;
  readonly tasks: Tasks;
  readonly outbox: Outbox;
  readonly feed: Feed;
  readonly log: MerkleLog;
  readonly incidents: Incidents;
  readonly reservations: Reservations;
  readonly webhooks: Webhooks;
  readonly deliveries: Deliveries;
  readonly messages: Messages;
  readonly idempotency: Idempotency;
  readonly apiKeys: ApiKeys;
  readonly archive: Archive;
  readonly backlog: () => Promise<Backlog>;
  /** Clears one table of what no transaction needs any more, where nobody else does. @returns whether one was worth it */
  readonly tidy: () => Promise<boolean>;
  /** Null: the database is inside this process. */
  readonly connections: () => Connections | null;
}

/** What the store takes from outside; what is absent comes from the database and the platform. */
export interface Ports {
  /** Replaces the database's clock, for simulators and tests. */
  readonly clock?: () => EpochMs;
  /** Is told of batches that failed; absent: nobody is. */
  readonly log?: StoreLog;
  /** Gives that many random bytes, for lease tokens. */
  readonly random?: (size: number) => Uint8Array;
  /** Absent: an order's snapshot is written with every entry. May be called under the order's lock. */
  readonly rebuild?: Rebuild;
}
