/** Reservations of bays, technicians and tools: intervals of one resource never overlap. */

import type { EpochMs } from "../store.ts";
import type { JobLease } from "./jobs.ts";

/** Half open: `from` is taken, `to` is free again. */
export interface Interval {
  readonly resource: string;
  readonly from: EpochMs;
  readonly to: EpochMs;
}

export interface ReservationRequest {
  readonly orderId: string;
  /** The job that asks: its answer is given again when it asks again. */
  readonly job: string;
  readonly intervals: readonly Interval[];
  /** Of the worker that does the job: held until the reservation is made, so that none is made for a job that is over. */
  readonly lease?: JobLease;
}

export interface Reservation extends Interval {
  readonly orderId: string;
  readonly job: string;
}

export type ReservationResult =
  | { readonly kind: "reserved"; readonly intervals: readonly Interval[] }
  /** What others hold in the way; nothing was reserved. */
  | { readonly kind: "taken"; readonly conflicts: readonly Reservation[] };

export interface Reservations {
  /**
   * All intervals or none. The same order and job again get what they hold, whatever they ask.
   * @throws {LeaseLost} when the lease that came along is no longer the caller's
   */
  readonly reserve: (request: ReservationRequest) => Promise<ReservationResult>;
  /**
   * Frees what the order holds (for one job, or all). @returns how many intervals were freed
   * @throws {LeaseLost} when the lease that came along is no longer the caller's
   */
  readonly release: (orderId: string, job?: string, lease?: JobLease) => Promise<number>;
  /** What is held of these resources within the window, by start. */
  readonly held: (
    resources: readonly string[],
    window: { readonly from: EpochMs; readonly to: EpochMs },
  ) => Promise<readonly Reservation[]>;
}
