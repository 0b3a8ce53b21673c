/** What waits in the database, for whoever watches over it: counted up to a bound, so that counting stays cheap. */

/** A count that reaches this says: so many or more. */
export const MOST_COUNTED = 10_000;

export interface Backlog {
  /** By type. */
  readonly openJobs: ReadonlyMap<string, number>;
  readonly openTasks: number;
  readonly openIncidents: number;
  /** Due and not fired yet, by the database's clock. */
  readonly dueTimers: number;
  /** Since when the earliest of them has been due; 0: none is. */
  readonly timersBehindMs: number;
  /** Entries without their place in the feed. */
  readonly feedPending: number;
  /** Entries of the feed that no checkpoint of the log covers: many, and no server signs it. */
  readonly logPending: number;
  readonly deliveriesPending: number;
  readonly deliveriesDead: number;
  readonly messagesKept: number;
}

/** Connections of this server to the database. */
export interface Connections {
  readonly open: number;
  readonly idle: number;
  /** Work that waits for one. */
  readonly waiting: number;
}
