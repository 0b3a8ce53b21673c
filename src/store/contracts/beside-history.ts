/** What lies beside an order's history and follows from it: rows that others work by, for whoever holds them against it. */

import type { EpochMs } from "../store.ts";

/** All of one instant. */
export interface BesideHistory {
  readonly revision: number;
  /** Whether tags and tasks are those of the revision: see `Tasks.behind`. */
  readonly isProjected: boolean;
  readonly tags: readonly string[];
  readonly timers: readonly { readonly id: string; readonly dueAt: EpochMs }[];
  readonly jobs: readonly {
    readonly id: string;
    /** As it is stored. */
    readonly type: string;
    readonly item: string | null;
    /** JSON text. */
    readonly input: string;
  }[];
  readonly tasks: readonly {
    readonly item: string | null;
    readonly state: string;
    readonly role: string | null;
  }[];
  /** How many were sent out in all. */
  readonly messages: number;
}

/** @returns null for one that is archived, where nothing waits any more, or is not there */
export type ReadBeside = (orderId: string) => Promise<BesideHistory | null>;
