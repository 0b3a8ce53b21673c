/** The one door to definitions and work orders: every caller, timer and job goes through this interface. */

import type { JsonObject } from "../../machines/json.ts";
import type { Instant } from "../../machines/order.ts";
import type { ApiKeys, KeyHolder } from "./contracts/api-keys.ts";
import type { HistoryLog } from "./history-log.ts";
import type { Evidence } from "./contracts/evidence.ts";
import type { Incidents } from "./contracts/incidents.ts";
import type { MigrateRequest, MigrateResult } from "./contracts/migrations.ts";
import type { Webhooks } from "./contracts/webhooks.ts";
import type { Messages } from "./contracts/messages.ts";
import type { PersonalData } from "./contracts/personal-data.ts";
import type { Definitions } from "./published.ts";
import type { JobClaims, Jobs } from "./contracts/jobs.ts";
import type { Refused } from "./refusal.ts";
import type { OrderDamaged } from "../store/errors.ts";
import type { ExportRequest } from "./export-text.ts";
import type { ReadStale } from "./stale-reads.ts";
import type { Tasks } from "./task.ts";
import type { Streams } from "./streams.ts";
import type { HistoryEntry, WorkOrder } from "./work-order.ts";

/** Who asks, as the token says. */
export interface Caller {
  /** A stable pseudonymous id, never a name. */
  readonly sub: string;
  /** An event is sent in the first of these that may send it. */
  readonly roles: readonly string[];
  /** Centres that the caller reaches; null: all. Orders of other centres look absent. */
  readonly centres: readonly string[] | null;
}

export interface CreateRequest {
  readonly process: string;
  /** Absent: the process's default version. */
  readonly version?: string;
  /** A UUID; absent: the engine draws a UUIDv7. */
  readonly id?: string;
  readonly businessKey?: string;
  /** Absent: the caller's centre when the token names exactly one, else none. */
  readonly centre?: string;
  /** The id of the test clock that the order shall live by; absent: the database's clock. */
  readonly testClock?: string;
  /** Whose data it is: 1 to 200 characters that mean something to the caller; absent: the order's own. */
  readonly subject?: string;
  readonly data?: JsonObject;
}

export interface EventRequest {
  readonly type: string;
  readonly payload: JsonObject;
}

/** Names one request of a caller, so that it takes effect once, however often it comes. */
export interface Idempotency {
  readonly key: string;
  /** Of what is asked; under the same key it must be the same. */
  readonly fingerprint: string;
}

export interface WriteOptions {
  readonly idempotency?: Idempotency;
  /** Revisions that the caller decided on; refused with `revision-mismatch` when the order has none of them. */
  readonly ifMatch?: readonly number[];
}

export interface OrderFilter {
  readonly process?: string;
  readonly version?: string;
  readonly status?: WorkOrder["status"];
  readonly step?: string;
  readonly centre?: string;
  readonly businessKey?: string;
  readonly tag?: string;
  /** Whether an open task is past its due instant, or a timer could not fire. */
  readonly overdue?: boolean;
}

export interface Page {
  /** 1 to 500. */
  readonly limit: number;
  /** Opaque, from the page before. */
  readonly cursor?: string;
}

export interface TestClock {
  readonly id: string;
  readonly now: Instant;
}

/** `arrived` false: it stopped on the way, and goes on when it is asked again. */
export type AdvanceResult =
  | ({ readonly kind: "ok"; readonly arrived: boolean } & TestClock)
  | Refused;

/** `created` false: the very same request had made it before, and nothing was written. */
export type CreateResult =
  | {
      readonly kind: "ok";
      readonly order: WorkOrder;
      readonly created: boolean;
      readonly replayed?: true;
    }
  | Refused;
/** `replayed`: answered before, under the same idempotency key, and answered again as it was then. */
export type OrderResult =
  | { readonly kind: "ok"; readonly order: WorkOrder; readonly replayed?: true }
  | Refused;
/** Of an event whose sender does not want the order back. */
export type MoveResult =
  | { readonly kind: "ok"; readonly revision: number; readonly replayed?: true }
  | Refused;
export interface BatchLine {
  readonly id: string;
  readonly event: EventRequest;
  readonly options: WriteOptions;
}
/** `failed`: what `send` threw; nothing is known of the line. */
export type LineResult<Result = OrderResult> =
  | Result
  | { readonly kind: "failed"; readonly error: unknown };
/** `asWritten`: nothing of it changed since the last entry (by an incident, an erasure), so that the revision tells all but the time. */
export type ViewResult =
  | { readonly kind: "ok"; readonly order: WorkOrder; readonly asWritten: boolean }
  | Refused;
/** An answer as text, of a write that is not one order's change. */
export type TextResult =
  | {
      readonly kind: "ok";
      readonly text: string;
      readonly replayed?: true;
      /** It may hold a person's values: an erasure takes it away. */
      readonly personal?: true;
    }
  | Refused;
export type ListResult<Item> = {
  readonly kind: "ok";
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
};

/** Those that can't be given for what is stored of their orders are told of instead. */
export type OrdersResult<Item> = ListResult<Item> & { readonly damaged: readonly OrderDamaged[] };

export interface Verification {
  readonly verified: boolean;
  /** Entries that were read and found right. */
  readonly entries: number;
  readonly firstDivergence: {
    readonly revision: number;
    readonly field: string;
    readonly expected: string;
    readonly found: string;
  } | null;
}

export interface Orders {
  readonly create: (
    caller: Caller,
    request: CreateRequest,
    options?: Pick<WriteOptions, "idempotency">,
  ) => Promise<CreateResult>;
  readonly send: (
    caller: Caller,
    id: string,
    event: EventRequest,
    options?: WriteOptions,
  ) => Promise<OrderResult>;
  /** An answer per line, in the lines' order. Lines of one order are sent in their order, each is whole by itself. */
  readonly sendAll: (caller: Caller, lines: readonly BatchLine[]) => Promise<readonly LineResult[]>;
  /** `send` without the order in its answer: it does the same, and costs less. */
  readonly move: (
    caller: Caller,
    id: string,
    event: EventRequest,
    options?: WriteOptions,
  ) => Promise<MoveResult>;
  /** `sendAll` in the same way. */
  readonly moveAll: (
    caller: Caller,
    lines: readonly BatchLine[],
  ) => Promise<readonly LineResult<MoveResult>[]>;
  /** What `send` would answer now; nothing is written. */
  readonly preview: (
    caller: Caller,
    id: string,
    event: EventRequest,
    options?: WriteOptions,
  ) => Promise<OrderResult>;
  readonly view: (caller: Caller, id: string) => Promise<ViewResult>;
  /** Newest change first. */
  readonly list: (
    caller: Caller,
    filter: OrderFilter,
    page: Page,
  ) => Promise<OrdersResult<WorkOrder>>;
  /** Entries after a revision, in order. */
  readonly history: (
    caller: Caller,
    id: string,
    page: { readonly after: number; readonly limit: number },
  ) => Promise<ListResult<HistoryEntry> | Refused>;
  /** The stored lines after a revision, byte for byte: the chain that `sha256sum` can check. */
  readonly lines: (
    caller: Caller,
    id: string,
    page: { readonly after: number; readonly limit: number },
  ) => Promise<{ readonly kind: "ok"; readonly lines: readonly string[] } | Refused>;
  /** The order as it was at a revision or an instant, replayed from history alone. */
  readonly at: (
    caller: Caller,
    id: string,
    when: { readonly revision: number } | { readonly time: Instant },
  ) => Promise<OrderResult>;
  /** Brings an open order into another version of its process, as one entry of its history. */
  readonly migrate: (
    caller: Caller,
    id: string,
    request: MigrateRequest,
    options?: WriteOptions,
  ) => Promise<MigrateResult>;
  /** Replays and re-hashes the whole history, and compares its end with what is stored. */
  readonly verify: (
    caller: Caller,
    id: string,
  ) => Promise<({ readonly kind: "ok" } & Verification) | Refused>;
}

/**
 * Virtual clocks for sandboxes and demos; only an admin's request may reach these. A clock is of its maker's centres: only
 * their orders live by it, and whoever does not reach them all does not see it.
 */
export interface TestClocks {
  /** `now` absent: the database's now. */
  readonly create: (
    caller: Caller,
    now?: Instant,
  ) => Promise<({ readonly kind: "ok" } & TestClock) | Refused>;
  readonly get: (
    caller: Caller,
    id: string,
  ) => Promise<({ readonly kind: "ok" } & TestClock) | Refused>;
  /**
   * Fires the due timers of its orders one by one, each at its due instant, and lets their built-in jobs finish; after so
   * many that somebody waits for it in vain it stops, with all done that was due until the clock's instant.
   */
  readonly advance: (caller: Caller, id: string, to: Instant) => Promise<AdvanceResult>;
}

/** What one transaction can do; everything that `once` shall make atomic with its idempotency record belongs here. */
export interface Operations {
  readonly definitions: Definitions;
  readonly jobs: JobClaims;
  readonly tasks: Tasks;
  readonly messages: Messages;
  readonly testClocks: Pick<TestClocks, "create">;
  readonly apiKeys: ApiKeys;
  readonly webhooks: Webhooks;
}

export interface Engine extends Operations {
  readonly orders: Orders;
  /** Reads of orders by whoever may answer a caller that allows staleness. */
  readonly readStale: ReadStale;
  readonly jobs: Jobs;
  readonly incidents: Incidents;
  readonly personalData: PersonalData;
  readonly testClocks: TestClocks;
  /**
   * Does what is not one order's change once under the key: in one transaction with what is answered, refusals too. The
   * work must use the operations that it is given, and may run again when a conflict made the store retry.
   */
  readonly once: (
    caller: Caller,
    idempotency: Idempotency,
    work: (operations: Operations) => Promise<TextResult>,
  ) => Promise<TextResult>;
  /** For work of many transactions that may safely be done again: only what it answered is kept, when it has ended. */
  readonly keeping: (
    caller: Caller,
    idempotency: Idempotency,
    work: () => Promise<TextResult>,
  ) => Promise<TextResult>;
  readonly keyHolder: KeyHolder;
  /** Whether the database answers and its migrations are done. */
  readonly ready: () => Promise<boolean>;
  readonly streams: Streams;
  /** Histories of a period as one text, piece by piece, without any personal value; see `exportText` for what it throws. */
  readonly exportText: (caller: Caller, request: ExportRequest) => AsyncGenerator<string, void>;
  /** The log over all entries. */
  readonly log: HistoryLog;
  readonly evidence: Evidence;
  /** Begins to fire timers and to run built-in jobs. */
  readonly start: () => void;
  /** Ends both after what is under way. */
  readonly stop: () => Promise<void>;
}
