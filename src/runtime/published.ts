/** What callers do with definitions, and what they are answered: the shapes that leave the engine. */

import type { Finding } from "../../machines/finding.ts";
import type { JsonObject } from "../../machines/json.ts";
import type { Instant } from "../../machines/order.ts";
import type { Caller, ListResult, Page } from "./engine.ts";
import type { Judged } from "./judgement.ts";
import type { Refused } from "./refusal.ts";

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

export interface ProcessAnswer {
  readonly process: string;
  /** Which version new orders take. */
  readonly default: string | null;
  /** Newest publication first. */
  readonly versions: readonly string[];
  readonly openOrders: number;
}

export type PublishResult =
  | { readonly kind: "ok"; readonly definition: DefinitionAnswer; readonly created: boolean }
  | Refused;

export type JudgeResult = { readonly kind: "ok"; readonly judged: Judged } | Refused;

/** `definition` null: the document is too broken to have an identity. `ok` says whether it could be published. */
export interface CheckResult {
  readonly kind: "ok";
  readonly ok: boolean;
  readonly definition: Omit<DefinitionAnswer, "findings"> | null;
  readonly findings: readonly Finding[];
}

export interface Definitions {
  /** Takes up to seconds for a large text: not for inside a transaction. */
  readonly judge: (source: DefinitionSource) => Promise<JudgeResult>;
  /**
   * The very same document again answers `created: false`.
   * @param judged what `judge` said of this source; absent: it is judged first
   */
  readonly publish: (
    caller: Caller,
    source: DefinitionSource,
    judged?: Judged,
  ) => Promise<PublishResult>;
  /** The same judgement, nothing stored. */
  readonly check: (source: DefinitionSource) => Promise<CheckResult | Refused>;
  /** By name. */
  readonly processes: (page: Page) => Promise<ListResult<ProcessAnswer>>;
  /** Newest publication first. */
  readonly versionsOf: (
    process: string,
    page: Page,
  ) => Promise<ListResult<VersionAnswer> | Refused>;
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
