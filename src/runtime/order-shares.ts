/**
 * Which part of a flood this server takes: all of it, until it meets others; then a share of all orders after the other.
 * Servers that go round in one direction meet seldom, without a word to each other.
 */

import type { OrderShare } from "../store/contracts/time.ts";
import type { Random } from "./ports.ts";

export interface OrderShares {
  /** A thing was done, by this server or by another one. */
  readonly note: (by: "us" | "others") => void;
  /** Whether what is left of the page is somebody else's too. */
  readonly isLost: () => boolean;
  /** For the next page; null: the whole. What was noted is forgotten. */
  readonly next: () => OrderShare | null;
  /** The flood is over. */
  readonly end: () => void;
}

/** A power of two: two servers seldom begin at the same. */
export const SHARES = 16;
/** Others are at work where more than one in so many was theirs. */
const ONE_IN = 16;
/** After so many, if they are the most. */
const MANY = 48;

export function createOrderShares(random: Random): OrderShares {
  const done = { us: 0, others: 0 };
  let isShared = false;
  let index = drawn(random);
  return {
    note: (by) => {
      done[by] += 1;
    },
    isLost: () => done.others >= MANY && done.others > done.us,
    next: () => {
      isShared ||= done.others * ONE_IN > done.us + done.others;
      index = done.others > done.us ? drawn(random) : (index + 1) % SHARES;
      done.us = 0;
      done.others = 0;
      return isShared ? { index, of: SHARES } : null;
    },
    end: () => {
      isShared = false;
    },
  };
}

function drawn(random: Random): number {
  const [byte = 0] = random(1);
  return byte % SHARES;
}
