/** Written from the OpenAPI document by `npm run generate`. */

import type { StateValue } from "./shared.ts";

export type HistoryEntry = {
  /** More than 0. */
  readonly revision: number;
  /** Format: date-time. */
  readonly at: string;
  readonly type: string;
  readonly payload: { readonly [key: string]: unknown };
  readonly actor: {
    readonly sub: string;
    readonly role: string;
  };
  /** XState's state value; null: the order's first entry */
  readonly before: string | { readonly [key: string]: unknown } | null;
  readonly after: StateValue;
  readonly effects: ({
    readonly type: string;
    readonly item?: string;
    readonly params: { readonly [key: string]: unknown };
  } & { readonly [key: string]: unknown })[];
  readonly timers: {
    readonly set: {
      readonly id: string;
      readonly item?: string;
      /** the state that waits, and its delay */
      readonly event: string;
      /** Format: date-time. */
      readonly dueAt: string;
    }[];
    readonly cancelled: string[];
  };
  /**
   * SHA-256, lower-case hex
   * Pattern: `^[0-9a-f]{64}$`.
   */
  readonly digest: string;
  /**
   * SHA-256, lower-case hex
   * Pattern: `^[0-9a-f]{64}$`.
   */
  readonly prevHash: string;
  /**
   * SHA-256, lower-case hex
   * Pattern: `^[0-9a-f]{64}$`.
   */
  readonly hash: string;
};

export type Verification = {
  readonly verified: boolean;
  /** At least 0. */
  readonly entries: number;
  readonly firstDivergence: {
    readonly revision: number;
    readonly field: string;
    readonly expected: string;
    readonly found: string;
  } | null;
};
