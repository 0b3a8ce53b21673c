/** Written from the OpenAPI document by `npm run generate`. */

import type { Finding } from "./shared.ts";

export type PublishedDefinition = {
  /** Pattern: `^[a-z][a-z0-9-]{0,99}$`. */
  readonly process: string;
  /**
   * Pattern: `^\d+\.\d+\.\d+[0-9A-Za-z.+-]*$`.
   * At most 64 characters.
   */
  readonly version: string;
  /**
   * SHA-256, lower-case hex
   * Pattern: `^[0-9a-f]{64}$`.
   */
  readonly digest: string;
  readonly findings: Finding[];
};

export type Judgement = {
  /** whether it could be published */
  readonly ok: boolean;
  /** Pattern: `^[a-z][a-z0-9-]{0,99}$`. */
  readonly process: string | null;
  /**
   * Pattern: `^\d+\.\d+\.\d+[0-9A-Za-z.+-]*$`.
   * At most 64 characters.
   */
  readonly version: string | null;
  /**
   * SHA-256, lower-case hex
   * Pattern: `^[0-9a-f]{64}$`.
   */
  readonly digest: string | null;
  readonly findings: Finding[];
};

export type Process = {
  /** Pattern: `^[a-z][a-z0-9-]{0,99}$`. */
  readonly process: string;
  /**
   * Pattern: `^\d+\.\d+\.\d+[0-9A-Za-z.+-]*$`.
   * At most 64 characters.
   */
  readonly default: string | null;
  readonly versions: string[];
  /** At least 0. */
  readonly openOrders: number;
};

export type DefinitionVersion = {
  /** Pattern: `^[a-z][a-z0-9-]{0,99}$`. */
  readonly process: string;
  /**
   * Pattern: `^\d+\.\d+\.\d+[0-9A-Za-z.+-]*$`.
   * At most 64 characters.
   */
  readonly version: string;
  /**
   * SHA-256, lower-case hex
   * Pattern: `^[0-9a-f]{64}$`.
   */
  readonly digest: string;
  /** Format: date-time. */
  readonly publishedAt: string;
  readonly publishedBy: string;
  /** whether new orders take it */
  readonly default: boolean;
  /** At least 0. */
  readonly openOrders: number;
};

export type DefaultVersion = {
  /**
   * Pattern: `^\d+\.\d+\.\d+[0-9A-Za-z.+-]*$`.
   * At most 64 characters.
   */
  readonly version: string;
};
