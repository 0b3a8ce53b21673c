/** What releases before wrote in clear is sealed like all the rest, some hundred values at a time and never at full speed. */

import { box, NONCE_BYTES } from "../audit/box.ts";
import type { OrderInClear, ResealedOrder, SealedMark } from "../store/contracts/sealed.ts";
import type { Store } from "../store/store.ts";
import type { Keys } from "./keystore.ts";
import type { Clock, Log } from "./ports.ts";
import { fitsCommitment, keyTag, type SealPorts } from "./seals.ts";

/** A start has other things to do. */
const FIRST_LOOK_MS = 5_000;
/** Servers of the release before may still run, and write in clear. */
const LOOK_EVERY_MS = 60_000;
/** Values at once: some 10 ms, because embedded nothing else happens meanwhile. */
const BATCH = 300;
/** Pauses are so many times longer than the work before them: a fifth of one connection's time is spent on it. */
const REST = 4;
/** How many orders with altered values are named. */
const TOLD = 10;

export interface ResealingPorts extends SealPorts {
  readonly store: Pick<Store, "sealed">;
  readonly clock: Clock;
  readonly log: Log;
}

/** One walk over all values in clear after another. @returns a round of a loop; rounds in a pause do nothing */
export function createResealing(ports: ResealingPorts): () => Promise<number> {
  const { store, clock, log } = ports;
  let after: SealedMark | null = null;
  let moved = 0;
  let nextAt = clock.now() + FIRST_LOOK_MS;

  const pause = (ms: number): number => {
    nextAt = clock.now() + ms;
    return ms;
  };
  return async () => {
    const leftMs = nextAt - clock.now();
    if (leftMs > 0 && leftMs <= LOOK_EVERY_MS) return leftMs;
    const began = clock.now();
    const orders = await store.sealed.inClear({ after, limit: BATCH });
    after = orders.at(-1)?.orderId ?? null;
    if (after !== null) {
      moved += await reseal(ports, orders);
      return pause(Math.min(REST * Math.max(1, clock.now() - began), LOOK_EVERY_MS));
    }
    if (moved > 0) log.info({ values: moved }, "values that lay in clear are sealed");
    moved = 0;
    await store.sealed.sweep();
    return pause(LOOK_EVERY_MS);
  };
}

/** @returns how many this server moved */
async function reseal(
  { store, keyring, random, log }: ResealingPorts,
  orders: readonly OrderInClear[],
): Promise<number> {
  const keys = await keyring.ensure(orders.map(({ orderId, subject }) => keyTag(orderId, subject)));
  const altered = orders.filter(({ values }) => !values.every(fitsCommitment));
  if (altered.length > 0) {
    const ids = altered.map(({ orderId }) => orderId).slice(0, TOLD);
    const message = "values in clear were altered and stay as they are: `verify` says where";
    log.warn({ count: altered.length, orders: ids }, message);
  }
  return store.sealed.reseal(
    orders.map((order) => resealed(order, keys, () => random(NONCE_BYTES))),
  );
}

function resealed(
  { orderId, subject, values }: OrderInClear,
  keys: Keys,
  nonce: () => Uint8Array,
): ResealedOrder {
  const key = keys.get(keyTag(orderId, subject));
  if (key === undefined) throw new Error(`expected the key of order ${orderId}, found none`);
  // To seal what somebody put there would make it look like what was committed to.
  const boxes = values.filter(fitsCommitment).map((value) => ({
    commitment: value.commitment,
    box: box(key, orderId, value, nonce()),
  }));
  return { orderId, boxes };
}
