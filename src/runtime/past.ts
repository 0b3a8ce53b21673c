/** An order as it was, from history and definitions alone. */

import { epochMs } from "../../machines/time/instant.ts";
import type { Instant } from "../../machines/order.ts";
import type { Replayed } from "../audit/replay.ts";
import type { Scope, Store } from "../store/store.ts";
import type { Library } from "./definitions.ts";
import { historyDiverged, orderNotFound, refused, type Refused } from "./refusal.ts";
import { replayStored } from "./replaying.ts";
import type { Sight } from "./view.ts";

export type Point = { readonly revision: number } | { readonly time: Instant };

export async function sightAt(
  { store, library }: { readonly store: Store; readonly library: Library },
  id: string,
  when: Point,
  scope: Scope,
): Promise<{ readonly kind: "ok"; readonly sight: Sight } | Refused> {
  let first: Replayed | null = null;
  let last: Replayed | null = null;
  for await (const next of replayStored({ store, library }, id, scope)) {
    if (next.kind === "diverged") {
      return historyDiverged(id, next.revision, next.field);
    }
    if (isAfter(next, when)) {
      if (first === null) return tooEarly(next, when);
      break;
    }
    first ??= next;
    last = next;
    if ("revision" in when && next.entry.revision === when.revision) break;
  }
  if (first === null || last === null) return orderNotFound(id);
  if ("revision" in when && last.entry.revision !== when.revision) {
    const detail = `Expected a revision from 1 to ${last.entry.revision}, found ${when.revision}.`;
    return refused("not-found", detail);
  }
  const { order } = last;
  const executable = await library.load(order.digest);
  if (executable === null) throw new Error(`Expected the definition ${order.digest}, found none.`);
  const { testClock } = first.entry.payload;
  const sight = {
    ...{ executable, order, status: order.snapshot.status, now: order.at },
    createdAt: first.entry.at,
    testClock: typeof testClock === "string" ? testClock : null,
    failedJobs: new Set<string>(),
  };
  return { kind: "ok", sight };
}

function tooEarly({ entry }: Replayed, when: Point): Refused {
  const detail =
    "revision" in when
      ? `Expected a revision from 1 on, found ${when.revision}.`
      : `Expected an instant from the order's start at ${entry.at} on, found ${when.time}.`;
  return refused("not-found", detail);
}

function isAfter({ entry }: Replayed, when: Point): boolean {
  return "revision" in when
    ? entry.revision > when.revision
    : epochMs(entry.at) > epochMs(when.time);
}
