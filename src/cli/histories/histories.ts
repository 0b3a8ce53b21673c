/** Where recorded histories are read from: a running server, the database itself, or files of evidence bundles. */

import type { Instant } from "../../../machines/order.ts";
import type { Recorded } from "../../audit/recorded.ts";

/** From the first instant on, the second itself left out. */
export interface Period {
  readonly from: Instant;
  readonly to: Instant;
}

/** One that can't be read as a history at all, and why. */
export interface Unread {
  readonly kind: "unread";
  /** Names the file, or the order. */
  readonly reason: string;
}

export interface Histories {
  /** Null: there is none, or whoever asks may not see it. */
  readonly read: (id: string) => Promise<Recorded | null>;
  /** Of the orders of a process that began in the period; of files, all of that process, and those that can't be read. */
  readonly all: (process: string, period: Period) => AsyncIterable<Recorded | Unread>;
  readonly close: () => Promise<void>;
}

/** They can't be read; the message is for whoever asked. */
export class NoHistories extends Error {
  override readonly name = "NoHistories";
}
