/**
 * The archive: orders that ended go out of the way of those that live, by the month in which they were closed. What is
 * read of them stays as it was; where a month was taken out of the database, reading them throws `ArchiveDetached`.
 */

import type { EpochMs } from "../store.ts";

/** Where a walk over the closed orders stands: they are looked through in the order in which they were created. */
export interface ArchiveMark {
  readonly createdAt: EpochMs;
  readonly id: string;
}

export interface ArchiveRequest {
  /** Only orders that were closed so long ago. */
  readonly olderThanMs: number;
  /** Null: from the beginning. */
  readonly after: ArchiveMark | null;
  /** Of the orders moved together: none is added once they hold as many. */
  readonly entries: number;
}

export interface Archived {
  readonly orders: number;
  readonly entries: number;
  /** Where the walk goes on; null: it has seen all. */
  readonly next: ArchiveMark | null;
  /** Orders whose move failed: they stay where they are, and the walk goes past them. */
  readonly failed: readonly { readonly id: string; readonly error: unknown }[];
}

export interface ArchiveMonth {
  /** Such as `2026-03`. */
  readonly month: string;
  /** False: taken out of the archive, its tables still lie beside it. */
  readonly attached: boolean;
  /** Tables that hold it, with their indexes: what to dump, and what it takes. */
  readonly tables: readonly string[];
  readonly bytes: number;
}

export interface Archive {
  /**
   * Moves some of the closed orders of whom nothing is pending: no incident, timer, job, task or delivery, no entry
   * without its place in the feed. Each order moves as a whole in one statement, so it is in exactly one place at any
   * time. Any number of servers may do so at once: an order that another one holds is left to it. An order whose history
   * has a gap stays: the archive hides no damage.
   */
  readonly move: (request: ArchiveRequest) => Promise<Archived>;
  /** How long ago this database got its archive. Embedded there is one server, and no other one that might not know. */
  readonly knownForMs: () => Promise<number>;
  /** Makes room for the months to come. */
  readonly prepare: () => Promise<void>;
  /** Oldest first. */
  readonly months: () => Promise<readonly ArchiveMonth[]>;
  /** @returns false when there is no such month in the archive */
  readonly detach: (month: string) => Promise<boolean>;
  /** @returns false when no such month lies beside the archive */
  readonly attach: (month: string) => Promise<boolean>;
}
