/** Reads from a replica where the caller allows staleness, and from the primary wherever the replica can't answer as well. */

import type { Freshness } from "../store/freshness.ts";
import type { Sealed } from "../store/contracts/sealed.ts";
import type { Store } from "../store/store.ts";
import type { Orders } from "./engine.ts";
import type { Log } from "./ports.ts";
import * as read from "./read.ts";
import { keyTag } from "./seals.ts";
import { walledStore } from "./second-wall.ts";

/** What can be read of orders without the primary. */
export type OrderReads = Pick<Orders, "view" | "list" | "history" | "lines" | "at">;

/** A replica, as the engine takes it. */
export interface StaleStore extends Freshness {
  readonly store: Store;
  /** Monotonic milliseconds, as `asOf` reckons. */
  readonly nowMs: () => number;
}

export interface StaleRead<T> {
  readonly result: T;
  /** All that was acknowledged so long ago is in the result; null: it is from the primary, and as fresh as can be. */
  readonly ageMs: number | null;
}

/**
 * @param maxStaleMs null: nothing old will do
 * @param isGoodEnough judges what the replica said: where it has not come as far as the caller knows, the primary is asked
 */
export type ReadStale = <T extends { readonly kind: string }>(
  maxStaleMs: number | null,
  work: (reads: OrderReads) => Promise<T>,
  isGoodEnough?: (result: T) => boolean,
) => Promise<StaleRead<T>>;

export function createReadStale(
  primary: OrderReads,
  replica: StaleStore | undefined,
  { store, library, keyring, log }: read.Reading & { readonly log: Log },
): ReadStale {
  if (replica === undefined) return async (_maxStaleMs, work) => fresh(await work(primary));
  const behind = walledStore(replica.store);
  const sealed = restrictedNow(behind.sealed, store.persons);
  const standby = orderReads({ store: { ...behind, sealed }, library, keyring });
  return async (maxStaleMs, work, isGoodEnough = () => true) => {
    const asOf = maxStaleMs === null ? null : await replica.asOf(maxStaleMs);
    if (asOf === null || maxStaleMs === null) return fresh(await work(primary));
    try {
      const result = await work(standby);
      const ageMs = replica.nowMs() - asOf;
      // What is absent there may just not have come there yet.
      if (result.kind === "ok" && ageMs <= maxStaleMs && isGoodEnough(result)) {
        return { result, ageMs };
      }
    } catch (err) {
      // Also a query that the replica gave up because of what it had to replay.
      replica.distrust();
      log.warn({ err }, "the replica did not answer; the primary does");
    }
    return fresh(await work(primary));
  };
}

/** How old an answer may be, a caller may choose; whether a person's data are restricted, the primary says. */
function restrictedNow(sealed: Sealed, { isRestricted }: Store["persons"]): Sealed {
  return {
    ...sealed,
    kept: async (orderId, commitments) => {
      const found = await sealed.kept(orderId, commitments);
      if (found.values.length === 0) return found;
      return { ...found, restricted: await isRestricted(keyTag(orderId, found.subject)) };
    },
  };
}

export function orderReads(reading: read.Reading): OrderReads {
  return {
    view: (caller, id) => read.view(reading, caller, id),
    list: (caller, filter, page) => read.list(reading, caller, filter, page),
    history: (caller, id, page) => read.history(reading, caller, id, page),
    lines: (caller, id, page) => read.lines(reading, caller, id, page),
    at: (caller, id, when) => read.at(reading, caller, id, when),
  };
}

function fresh<T>(result: T): StaleRead<T> {
  return { result, ageMs: null };
}
