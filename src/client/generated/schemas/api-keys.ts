/** Written from the OpenAPI document by `npm run generate`. */

export type ApiKey = {
  /** Format: uuid. */
  readonly id: string;
  readonly name: string;
  /** Who its holder is in histories */
  readonly sub: string;
  readonly roles: string[];
  /** `*`: all */
  readonly centres: "*" | (string[]);
  readonly createdBy: string;
  /** Format: date-time. */
  readonly createdAt: string;
  /** Format: date-time. */
  readonly expiresAt: string | null;
  /** Format: date-time. */
  readonly rotatedAt: string | null;
  /**
   * Until then the secret before the last rotation is good too
   * Format: date-time.
   */
  readonly previousSecretUntil: string | null;
  /**
   * To the minute
   * Format: date-time.
   */
  readonly lastUsedAt: string | null;
};

export type ApiKeyMade = {
  /** Format: uuid. */
  readonly id: string;
  readonly name: string;
  /** Who its holder is in histories */
  readonly sub: string;
  readonly roles: string[];
  /** `*`: all */
  readonly centres: "*" | (string[]);
  readonly createdBy: string;
  /** Format: date-time. */
  readonly createdAt: string;
  /** Format: date-time. */
  readonly expiresAt: string | null;
  /** Format: date-time. */
  readonly rotatedAt: string | null;
  /**
   * Until then the secret before the last rotation is good too
   * Format: date-time.
   */
  readonly previousSecretUntil: string | null;
  /**
   * To the minute
   * Format: date-time.
   */
  readonly lastUsedAt: string | null;
  /** What its holder sends as `Authorization: Bearer <key>`; only its hash is kept */
  readonly key: string;
};

export type CreateApiKey = {
  /**
   * What it is for; a name of a system, not of a person
   * Pattern: `^[^\0]*$`.
   * At least 1 characters.
   * At most 200 characters.
   */
  readonly name: string;
  /**
   * At least 1 members.
   * At most 32 members.
   */
  readonly roles: string[];
  /** `*`: all. Absent: those of the caller */
  readonly centres?: "*" | (string[]);
  /**
   * Absent: it is good until it is revoked
   * At least 1.
   * At most 316224000.
   */
  readonly expiresInSeconds?: number;
};

export type RotateApiKey = {
  /**
   * At least 0.
   * At most 2592000.
   */
  readonly overlapSeconds?: number;
};
