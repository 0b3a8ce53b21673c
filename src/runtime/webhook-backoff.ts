/** When a delivery is tried again, and when it is given up: from 5 seconds to 12 hours, over 72 hours. */

import type { ClaimedDelivery, DeliveryEnd } from "../store/contracts/deliveries.ts";

const FIRST_MS = 5_000;
const LONGEST_MS = 12 * 3_600_000;
const WINDOW_MS = 72 * 3_600_000;
/** Of a delay is left to chance, so that what failed together is not tried together. */
const JITTER = 0.25;

/** What a failed attempt at `now` knows. */
export interface Failure {
  readonly claimed: Pick<ClaimedDelivery, "queuedAt" | "failingSince" | "tries">;
  /** By the database's clock. */
  readonly now: number;
  /** What the endpoint asks for, in milliseconds; null: nothing. */
  readonly retryAfterMs: number | null;
  /** From 0 to 1. */
  readonly chance: number;
}

/**
 * The window begins with the first failure of the lane, or with the delivery when that is younger: it was behind others
 * that failed, so the endpoint has been asked all the time, and a lane that was given up drains without waiting days for
 * each delivery. The last attempt falls on the window's end.
 */
export function afterFailure({ claimed, now, retryAfterMs, chance }: Failure): DeliveryEnd {
  const { queuedAt, failingSince, tries } = claimed;
  const leftMs = Math.max(queuedAt, failingSince ?? now) + WINDOW_MS - now;
  if (leftMs <= 0) return { kind: "dead" };
  const longest = LONGEST_MS / (1 + JITTER);
  const backoffMs = Math.min(FIRST_MS * 2 ** tries, longest) * (1 + JITTER * chance);
  const askedMs = Math.min(retryAfterMs ?? 0, LONGEST_MS);
  return { kind: "retry", inMs: Math.ceil(Math.min(Math.max(backoffMs, askedMs), leftMs)) };
}

/** `Retry-After` (RFC 9110 section 10.2.3): seconds, or a date. @returns null for what is neither */
export function retryAfterMs(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\d{1,10}$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
