/** Written from the OpenAPI document by `npm run generate`. */

export type PersonalDataCase = {
  /**
   * it is the id of a work order, too: its history is the proof
   * Format: uuid.
   */
  readonly id: string;
  readonly kind: "erasure" | "restriction" | "opening";
  /** erasure: requested, erasing, settling (the key is gone, other servers' memories end), erased; or held by a restriction, declined, lapsed. restriction: restricting, restricted, lifting, lifted. opening: open, closed */
  readonly state: string;
  readonly status: "active" | "done" | "incident";
  /**
   * that named the person; null: the subject did
   * Format: uuid.
   */
  readonly order: string | null;
  /**
   * of the person, when the case was made
   * At least 0.
   */
  readonly orders: number;
  readonly ground: string;
  /** null: erased, or not for this caller */
  readonly reason: string | null;
  /** whether somebody else than who asked has to decide */
  readonly fourEyes: boolean;
  readonly requestedBy: string;
  readonly decidedBy: string | null;
  readonly decisionReason: string | null;
  /**
   * that were destroyed
   * At least 0.
   */
  readonly keys: number;
  /**
   * sealed ones that were taken away with them
   * At least 0.
   */
  readonly values: number;
  /**
   * how often values were shown
   * At least 0.
   */
  readonly shown: number;
  /** More than 0. */
  readonly revision: number;
  /** Format: date-time. */
  readonly createdAt: string;
  /** Format: date-time. */
  readonly updatedAt: string;
};

export type PersonalDataRequest = {
  /**
   * the reference that the person's orders were created with; it is not kept
   * Pattern: `^[^\0]*$`.
   * At least 1 characters.
   * At most 200 characters.
   */
  readonly subject?: string;
  /**
   * an order of the person: all orders of that person are meant
   * Format: uuid.
   */
  readonly order?: string;
  /**
   * with `subject`: whose person it is; absent: the only centre of the token, else none
   * Pattern: `^[^\0]*$`.
   * At least 1 characters.
   * At most 200 characters.
   */
  readonly centre?: string;
  /** why the law allows it (GDPR articles 6, 15 to 18; PIPL articles 44 to 47) */
  readonly ground: "request" | "consent-withdrawn" | "purpose-fulfilled" | "retention-ended" | "unlawful" | "contested" | "legal-claim" | "authority" | "quality" | "other";
  /**
   * for its readers; it is kept sealed, so that the case can be erased, too
   * Pattern: `^[^\0]*$`.
   * At least 1 characters.
   * At most 2000 characters.
   */
  readonly reason: string;
};

export type PersonalDataOpening = {
  readonly case: PersonalDataCase;
  readonly values: ShownValue[];
};

export type ShownValue = {
  /** More than 0. */
  readonly revision: number;
  readonly type: string;
  /** JSON Pointer into the entry's payload */
  readonly pointer: string;
  /** as the entry holds it */
  readonly commitment: string;
  readonly value?: unknown;
  readonly erased: boolean;
};

export type OpenPersonalData = {
  /**
   * UUID; version 7 when the server drew it
   * Format: uuid.
   */
  readonly order: string;
  /** why the law allows it (GDPR articles 6, 15 to 18; PIPL articles 44 to 47) */
  readonly ground: "request" | "consent-withdrawn" | "purpose-fulfilled" | "retention-ended" | "unlawful" | "contested" | "legal-claim" | "authority" | "quality" | "other";
  /**
   * for its readers; it is kept sealed, so that the case can be erased, too
   * Pattern: `^[^\0]*$`.
   * At least 1 characters.
   * At most 2000 characters.
   */
  readonly reason: string;
};

export type PersonalDataDecision = {
  readonly decision: "approve";
} | {
  readonly decision: "decline";
  /**
   * for its readers; it is kept sealed, so that the case can be erased, too
   * Pattern: `^[^\0]*$`.
   * At least 1 characters.
   * At most 2000 characters.
   */
  readonly reason: string;
} | {
  readonly decision: "lift";
  /**
   * for its readers; it is kept sealed, so that the case can be erased, too
   * Pattern: `^[^\0]*$`.
   * At least 1 characters.
   * At most 2000 characters.
   */
  readonly reason: string;
};
