/**
 * What the engine promises about a person's data as a whole: they are erased, restricted or opened by a case, a work order
 * of the engine's own process, so that who asked, who agreed, what was done and who looked is a history like any other.
 */

import type { Json } from "../../../machines/json.ts";
import type { Instant } from "../../../machines/order.ts";
import type { Caller, ListResult, Page, WriteOptions } from "../engine.ts";
import type { Refused } from "../refusal.ts";

export type CaseKind = "erasure" | "restriction" | "opening";

/** Why the law allows it: GDPR articles 6, 15, 17 and 18, PIPL articles 44 to 47. */
export const GROUNDS = [
  "request",
  "consent-withdrawn",
  "purpose-fulfilled",
  "retention-ended",
  "unlawful",
  "contested",
  "legal-claim",
  "authority",
  "quality",
  "other",
] as const;
export type Ground = (typeof GROUNDS)[number];

/** Whose data: by the reference that orders were created with, or as the person of an order. */
export type Person =
  | {
      readonly subject: string;
      /** Whose person it is; absent: the caller's only centre, else none. */
      readonly centre?: string;
    }
  | { readonly order: string };

export interface CaseRequest {
  readonly person: Person;
  readonly ground: Ground;
  /** For its readers; kept sealed like any free text. */
  readonly reason: string;
}

export interface PersonalDataCase {
  readonly id: string;
  readonly kind: CaseKind;
  /**
   * Erasures: `requested`, `erasing`, `settling` (the key is gone, other servers' memories end), `erased`; or `held` by a
   * restriction, `declined`, `lapsed`. Restrictions: `restricting`, `restricted`, `lifting`, `lifted`. Openings: `open`,
   * `closed`.
   */
  readonly state: string;
  /** `incident`: the engine could not do it, and a person has to look. */
  readonly status: "active" | "done" | "incident";
  /** By which the person was named; null: by the subject, which no case holds. */
  readonly order: string | null;
  /** Orders of the person when the case was made. */
  readonly orders: number;
  readonly ground: string;
  /** Null: erased, or not for this caller. */
  readonly reason: string | null;
  /** Whether somebody else than who asked has to decide. */
  readonly fourEyes: boolean;
  readonly requestedBy: string;
  readonly decidedBy: string | null;
  readonly decisionReason: string | null;
  /** Keys that were destroyed, and sealed values that were taken away with them. */
  readonly keys: number;
  readonly values: number;
  /** How often values were shown. */
  readonly shown: number;
  readonly revision: number;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

export type CaseResult =
  | {
      readonly kind: "ok";
      readonly case: PersonalDataCase;
      readonly replayed?: true;
    }
  | Refused;

/** What an order's history holds of its person. */
export interface ShownValue {
  readonly revision: number;
  readonly type: string;
  /** JSON Pointer into the entry's payload. */
  readonly pointer: string;
  /** 64 hex digits, as the entry holds it. */
  readonly commitment: string;
  /** Null: it is erased. */
  readonly value: Json;
  readonly erased: boolean;
}

export type OpeningResult =
  | {
      readonly kind: "ok";
      readonly case: PersonalDataCase;
      readonly values: readonly ShownValue[];
      readonly replayed?: true;
    }
  | Refused;

export interface CaseFilter {
  readonly kind?: CaseKind;
  readonly status?: PersonalDataCase["status"];
}

export type CaseDecision =
  | { readonly decision: "approve" }
  | { readonly decision: "decline" | "lift"; readonly reason: string };

/** Only the request of an admin or of who holds the role `privacy` may reach what writes. */
export interface PersonalData {
  /** Of all that is kept of the person; where four eyes are asked for it waits for somebody else's approval. */
  readonly erase: (
    caller: Caller,
    request: CaseRequest,
    options?: Pick<WriteOptions, "idempotency">,
  ) => Promise<CaseResult>;
  /** Nobody reads the person's values until it is lifted, but by an opening. */
  readonly restrict: (
    caller: Caller,
    request: CaseRequest,
    options?: Pick<WriteOptions, "idempotency">,
  ) => Promise<CaseResult>;
  /** Shows an order's values although they are restricted; each time is an entry of the case, written before. */
  readonly open: (
    caller: Caller,
    request: CaseRequest & { readonly person: { readonly order: string } },
    options?: Pick<WriteOptions, "idempotency">,
  ) => Promise<OpeningResult>;
  readonly decide: (
    caller: Caller,
    id: string,
    decision: CaseDecision,
    options?: WriteOptions,
  ) => Promise<CaseResult>;
  readonly get: (caller: Caller, id: string) => Promise<CaseResult>;
  /** Newest change first. */
  readonly list: (
    caller: Caller,
    filter: CaseFilter,
    page: Page,
  ) => Promise<ListResult<PersonalDataCase>>;
}
