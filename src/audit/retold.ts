/** What one entry did to its order, put together from the order before it and after it: nothing here is read, all follows. */

import type { Executable } from "../../machines/compile/executable.ts";
import type { Json, JsonObject } from "../../machines/json.ts";
import type { Effect, Job, Order, StateValue, Timer } from "../../machines/order.ts";
import { unseal } from "../../machines/schema/tokens.ts";
import { changesBetween, type Change } from "./changes.ts";
import type { Entry } from "./entry.ts";
import type { Replayed } from "./replay.ts";

export interface ItemChange {
  /** `collection/id`. */
  readonly item: string;
  /** Null: it was opened. */
  readonly before: StateValue | null;
  readonly after: StateValue;
  readonly changes: readonly Change[];
}

/** Personal values stand where they were disclosed, their commitments where they were not. */
export interface Retold {
  readonly entry: Entry;
  /** SHA-256 of the line. */
  readonly hash: string;
  /** The definition that the order lives under from this entry on. */
  readonly executable: Executable;
  /** The definition that it lived under before; null: it began with this entry. */
  readonly left: Executable | null;
  /** After it. */
  readonly order: Order;
  readonly payload: JsonObject;
  readonly changes: readonly Change[];
  readonly items: readonly ItemChange[];
  readonly timers: {
    readonly fired: Timer | null;
    readonly set: readonly Timer[];
    /** Those that were given up, the one that fired aside. */
    readonly cancelled: readonly Timer[];
  };
  readonly jobs: {
    /** The one whose result or failure this is. */
    readonly ended: Job | null;
    readonly opened: readonly Job[];
    readonly withdrawn: readonly Job[];
  };
  readonly effects: readonly Effect[];
}

/**
 * @param previous what was told of the entry before; null: `next` is the first
 * @param values personal values by commitment
 */
export function retold(
  previous: Pick<Retold, "order" | "executable"> | null,
  next: Replayed,
  executable: Executable,
  values: ReadonlyMap<string, Json>,
): Retold {
  const { entry, hash, order, stepped } = next;
  const before = previous?.order.snapshot ?? null;
  const after = order.snapshot;
  const { timer, job } = entry.payload;
  const fired = entry.type === "timer.fired" ? byId(before?.timers ?? [], timer) : null;
  const ended = entry.type.startsWith("job.") ? byId(before?.jobs ?? [], job) : null;
  const opened = (value: JsonObject): JsonObject => unseal(value, values);
  return {
    ...{ entry, hash, executable, order, payload: opened(entry.payload) },
    left: previous?.executable ?? null,
    changes: changesBetween(opened(before?.data ?? {}), opened(after.data)),
    items: itemChanges(before?.items ?? {}, after.items, stepped.items, opened),
    timers: {
      fired,
      set: stepped.timers.set,
      cancelled: gone(before?.timers ?? [], after.timers, fired),
    },
    jobs: {
      ended,
      opened: stepped.jobs.opened,
      withdrawn: gone(before?.jobs ?? [], after.jobs, ended),
    },
    effects: stepped.effects.map((effect) => ({
      ...effect,
      params: opened(effect.params),
      ...(effect.values === undefined ? {} : { values: opened(effect.values) }),
    })),
  };
}

type Items = Order["snapshot"]["items"];

/** Items that moved, and those whose data alone is another. */
function itemChanges(
  before: Items,
  after: Items,
  moved: Replayed["stepped"]["items"],
  opened: (value: JsonObject) => JsonObject,
): readonly ItemChange[] {
  return Object.entries(after).flatMap(([collection, members]) =>
    members.flatMap(({ id, value, data }): readonly ItemChange[] => {
      const item = `${collection}/${id}`;
      const old = before[collection]?.find((member) => member.id === id);
      const changes = changesBetween(opened(old?.data ?? {}), opened(data));
      if (!Object.hasOwn(moved, item) && changes.length === 0) return [];
      return [{ item, before: old?.value ?? null, after: value, changes }];
    }),
  );
}

function byId<Pending extends Timer | Job>(
  pending: readonly Pending[],
  id: Json | undefined,
): Pending | null {
  return pending.find((each) => each.id === id) ?? null;
}

function gone<Pending extends Timer | Job>(
  before: readonly Pending[],
  after: readonly Pending[],
  except: Pending | null,
): readonly Pending[] {
  const left = new Set(after.map(({ id }) => id));
  return before.filter(({ id }) => !left.has(id) && id !== except?.id);
}
