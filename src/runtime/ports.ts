/** All that is not deterministic, handed in: with other ports the same engine runs in a simulator. */

import type { Store } from "../store/store.ts";
import type { ArchivePlan } from "./archiving.ts";
import type { Judge } from "./judgement.ts";
import type { Keystore } from "./keystore.ts";
import type { LogKeeping } from "./log-keeping.ts";
import type { StaleStore } from "./stale-reads.ts";
import type { Outlet } from "./contracts/webhooks.ts";

export interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** 256 bits that all servers of a database share; keys for what they keep secret are derived from it. */
  readonly secret: Uint8Array;
  /** Where persons' keys are: outside the store. */
  readonly keystore: Keystore;
  /** The way out to the endpoints of webhooks. */
  readonly outlet: Outlet;
  /** Where callers that allow staleness may be answered from; absent: nowhere but the store. */
  readonly replica?: StaleStore;
  /** When orders that ended are moved to the archive; absent: they stay. */
  readonly archive?: ArchivePlan;
  /** Absent: this server neither signs the log over all entries nor keeps what others sign. */
  readonly logKeeping?: LogKeeping;
  /** How long evidence waits for a checkpoint that covers it; absent: 5,000. */
  readonly evidencePatienceMs?: number;
  /** Absent: everywhere. */
  readonly fourEyes?: FourEyes;
  /** Judges what is to be published or checked; absent: this very thread does. */
  readonly judge?: Judge;
}

/** Whether at this centre nobody erases a person's data, or lifts a restriction, without somebody else. */
export type FourEyes = (centre: string | null) => boolean;

/** The server's own clock. It paces loops and marks ids; what happens to an order is timed by the store's. */
export interface Clock {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Resolves after that time, or as soon as the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** That many random bytes, fit for secrets. */
export type Random = (size: number) => Uint8Array;

/** Fields hold ids and codes, never what people wrote. */
export interface Log {
  readonly info: (fields: object, message: string) => void;
  readonly warn: (fields: object, message: string) => void;
  readonly error: (fields: object, message: string) => void;
}
