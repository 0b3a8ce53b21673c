/** Written from the OpenAPI document by `npm run generate`. */

export type EventLog = {
  readonly events: {
    /** the order's id, a slash, and the revision */
    readonly id: string;
    readonly type: string;
    /** Format: date-time. */
    readonly time: string;
    readonly attributes: {
      readonly name: string;
      readonly value: string;
    }[];
    readonly relationships: {
      readonly objectId: string;
      readonly qualifier: string;
    }[];
  }[];
  readonly objects: {
    readonly id: string;
    readonly type: string;
    readonly attributes: {
      readonly name: string;
      readonly value: string;
      /** Format: date-time. */
      readonly time: string;
    }[];
    readonly relationships: {
      readonly objectId: string;
      readonly qualifier: string;
    }[];
  }[];
  readonly eventTypes: {
    readonly name: string;
    readonly attributes: {
      readonly name: string;
      readonly type: "string" | "time" | "integer" | "float" | "boolean";
    }[];
  }[];
  readonly objectTypes: {
    readonly name: string;
    readonly attributes: {
      readonly name: string;
      readonly type: "string" | "time" | "integer" | "float" | "boolean";
    }[];
  }[];
};

export type Checkpoint = {
  /** The log's name */
  readonly origin: string;
  /** How many entries it covers */
  readonly size: number;
  /**
   * 32 bytes in base64
   * Format: byte.
   */
  readonly root: string;
  /** Format: date-time. */
  readonly time: string;
  /** Of the key that signed it */
  readonly keyId: string;
  /** What was signed, and the signature, byte for byte: a C2SP signed note. All else here is read from it */
  readonly note: string;
};

export type LogKey = {
  readonly keyId: string;
  /** What to verify with: `name+id+key`, Ed25519 */
  readonly key: string;
  /** It signs the log from this size on */
  readonly since: number;
  /** Format: date-time. */
  readonly addedAt: string;
  /** The note by which the key before hands over to this one, signed by both; null: it was the first, or the one before was lost */
  readonly handover: string | null;
};

/** That the log of `to` entries begins with the log of `from` entries: RFC 6962, 2.1.2 */
export type LogConsistency = {
  /** How many entries it covers */
  readonly from: number;
  /** How many entries it covers */
  readonly to: number;
  readonly path: string[];
};
