/** The one door to definitions and work orders: every caller, timer and job goes through this interface. */

import type { Finding } from "../../machines/finding.ts";
import type { JsonObject } from "../../machines/json.ts";
import type { Instant } from "../../machines/order.ts";
import type { Refused } from "./refusal.ts";
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
  readonly data?: JsonObject;
}

export interface EventRequest {
  readonly type: string;
  readonly payload: JsonObject;
}

export interface WriteOptions {
  /** Revisions that the caller decided on; refused with `revision-mismatch` when the order has none of them. */
  readonly ifMatch?: readonly number[];
}

export interface DefinitionSource {
  readonly text: string;
  readonly format: "yaml" | "json";
}

export interface DefinitionAnswer {
  readonly process: string;
  readonly version: string;
  readonly digest: string;
  readonly findings: readonly Finding[];
}

export interface VersionAnswer {
  readonly process: string;
  readonly version: string;
  readonly digest: string;
  readonly publishedAt: Instant;
  readonly publishedBy: string;
  readonly default: boolean;
  readonly openOrders: number;
}

export interface OrderFilter {
  readonly process?: string;
  readonly version?: string;
  readonly status?: WorkOrder["status"];
  readonly step?: string;
  readonly centre?: string;
  readonly businessKey?: string;
  readonly tag?: string;
}

export interface Page {
  /** 1 to 500. */
  readonly limit: number;
  /** Opaque, from the page before. */
  readonly cursor?: string;
}

export interface Incident {
  readonly id: string;
  readonly order: string;
  /** The timer or the job that could not go on. */
  readonly source: { readonly kind: "timer" | "job"; readonly id: string };
  readonly code: string;
  readonly detail: string;
  readonly openedAt: Instant;
}

export interface TestClock {
  readonly id: string;
  readonly now: Instant;
}

/** `created` false: the very same request had made it before, and nothing was written. */
export type CreateResult =
  | { readonly kind: "ok"; readonly order: WorkOrder; readonly created: boolean }
  | Refused;
export type OrderResult = { readonly kind: "ok"; readonly order: WorkOrder } | Refused;
export type PublishResult =
  | { readonly kind: "ok"; readonly definition: DefinitionAnswer; readonly created: boolean }
  | Refused;
/** `definition` null: the document is too broken to have an identity. `ok` says whether it could be published. */
export interface CheckResult {
  readonly ok: boolean;
  readonly definition: Omit<DefinitionAnswer, "findings"> | null;
  readonly findings: readonly Finding[];
}
export type ListResult<Item> = {
  readonly kind: "ok";
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
};

export interface Definitions {
  /** The very same document again answers `created: false`. */
  readonly publish: (caller: Caller, source: DefinitionSource) => Promise<PublishResult>;
  /** The same judgement, nothing stored. */
  readonly check: (source: DefinitionSource) => CheckResult;
  /** Every version of every process, or of one, newest publication first. */
  readonly versions: (process?: string) => Promise<readonly VersionAnswer[]>;
  /** The document as it was sent, and as data in document order. */
  readonly source: (
    process: string,
    version: string,
  ) => Promise<
    | {
        readonly kind: "ok";
        readonly definition: VersionAnswer;
        readonly source: DefinitionSource;
        readonly document: JsonObject;
      }
    | Refused
  >;
  /** Which version new orders take when they name none. */
  readonly setDefault: (
    caller: Caller,
    process: string,
    version: string,
  ) => Promise<{ readonly kind: "ok" } | Refused>;
}

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
  readonly create: (caller: Caller, request: CreateRequest) => Promise<CreateResult>;
  readonly send: (
    caller: Caller,
    id: string,
    event: EventRequest,
    options?: WriteOptions,
  ) => Promise<OrderResult>;
  /** What `send` would answer now; nothing is written. */
  readonly preview: (
    caller: Caller,
    id: string,
    event: EventRequest,
    options?: WriteOptions,
  ) => Promise<OrderResult>;
  readonly view: (caller: Caller, id: string) => Promise<OrderResult>;
  /** Newest change first. */
  readonly list: (
    caller: Caller,
    filter: OrderFilter,
    page: Page,
  ) => Promise<ListResult<WorkOrder> | Refused>;
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
  /** Replays and re-hashes the whole history, and compares its end with what is stored. */
  readonly verify: (
    caller: Caller,
    id: string,
  ) => Promise<({ readonly kind: "ok" } & Verification) | Refused>;
}

export interface Incidents {
  readonly list: (caller: Caller, page: Page) => Promise<ListResult<Incident>>;
  /** Tries the timer or the job again at once. */
  readonly retry: (
    caller: Caller,
    id: string,
    reason: string,
  ) => Promise<{ readonly kind: "ok" } | Refused>;
}

/** Virtual clocks for sandboxes and demos; only an admin's request may reach these. */
export interface TestClocks {
  /** `now` absent: the database's now. */
  readonly create: (now?: Instant) => Promise<TestClock>;
  readonly get: (id: string) => Promise<({ readonly kind: "ok" } & TestClock) | Refused>;
  /** Fires the due timers of its orders one by one, each at its due instant, and lets their built-in jobs finish. */
  readonly advance: (
    id: string,
    to: Instant,
  ) => Promise<({ readonly kind: "ok" } & TestClock) | Refused>;
}

export interface Engine {
  readonly definitions: Definitions;
  readonly orders: Orders;
  readonly incidents: Incidents;
  readonly testClocks: TestClocks;
  /** Whether the database answers and its migrations are done. */
  readonly ready: () => Promise<boolean>;
  /** Begins to fire timers and to run built-in jobs. */
  readonly start: () => void;
  /** Ends both after what is under way. */
  readonly stop: () => Promise<void>;
}
