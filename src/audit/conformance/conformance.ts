/** Which ways orders really went: how many each, which are common, which are rare, and which nobody went without an override. */

import type { Level, Path, Place } from "./path.ts";

/** `override`: only by an override. Else `rare` below the share that was asked for. */
export type Commonness = "common" | "rare" | "override";

/** Orders that went through the same places, and were overridden at the same ones. */
export interface Variant {
  readonly places: readonly Place[];
  readonly orders: number;
  readonly commonness: Commonness;
  /** A few of them, for whoever wants to see one. */
  readonly examples: readonly string[];
}

export interface MoveCount {
  /** Null: the start. */
  readonly from: string | null;
  readonly to: string;
  /** In which it was taken. */
  readonly orders: number;
  readonly times: number;
  /** Of the times, those that an override took. */
  readonly overridden: number;
  /** Types of the events that took it, the most frequent first. */
  readonly events: readonly string[];
  readonly commonness: Commonness;
}

export interface Conformance {
  readonly level: Level;
  /** Orders that have ended: only their way is whole. */
  readonly ended: number;
  /** Those under way count in moves, and in no variant. */
  readonly open: number;
  /** The most frequent first. */
  readonly variants: readonly Variant[];
  /** Ended orders whose variants were too many to be told apart. */
  readonly others: number;
  readonly moves: readonly MoveCount[];
  readonly overrides: readonly {
    readonly event: string;
    readonly times: number;
    readonly orders: number;
  }[];
}

export interface ConformanceTally {
  readonly add: (order: string, path: Path, hasEnded: boolean) => void;
  readonly result: () => Conformance;
}

/** @param rareShare of all orders: below it a variant, or a move, is rare */
export function createConformance(level: Level, rareShare: number): ConformanceTally {
  const variants = countVariants();
  const moves = countMoves();
  const overrides = countOverrides();
  let ended = 0;
  let open = 0;
  return {
    add: (order, path, hasEnded) => {
      if (hasEnded) {
        ended += 1;
        variants.add(order, path);
      } else {
        open += 1;
      }
      moves.add(path);
      overrides.add(path);
    },
    result: () => ({
      ...{ level, ended, open, others: variants.others() },
      variants: variants.all().map((variant) => ({
        ...variant,
        commonness: commonness(
          variant.places.some(({ isOverridden }) => isOverridden),
          variant.orders / ended < rareShare,
        ),
      })),
      moves: moves.all().map(({ events, ...move }) => ({
        ...move,
        events: [...events].toSorted(([, a], [, b]) => b - a).map(([event]) => event),
        commonness: commonness(
          move.overridden === move.times,
          move.orders / (ended + open) < rareShare,
        ),
      })),
      overrides: overrides.all(),
    }),
  };
}

function commonness(isOverride: boolean, isRare: boolean): Commonness {
  if (isOverride) return "override";
  return isRare ? "rare" : "common";
}

interface CountedVariant {
  readonly places: readonly Place[];
  readonly examples: string[];
  orders: number;
}

/** So that no number of orders fills the memory: whoever goes round in circles makes ever new ways. */
const MOST_VARIANTS = 10_000;
const EXAMPLES = 3;

function countVariants() {
  const variants = new Map<string, CountedVariant>();
  let others = 0;
  return {
    add: (order: string, { places }: Path): void => {
      const key = JSON.stringify(places);
      const known = variants.get(key);
      if (known === undefined && variants.size >= MOST_VARIANTS) {
        others += 1;
        return;
      }
      const variant = known ?? { places, examples: [], orders: 0 };
      variant.orders += 1;
      if (variant.examples.length < EXAMPLES) variant.examples.push(order);
      variants.set(key, variant);
    },
    others: () => others,
    all: (): readonly CountedVariant[] => byOrders(variants.values()),
  };
}

interface CountedMove {
  readonly from: string | null;
  readonly to: string;
  orders: number;
  times: number;
  overridden: number;
  readonly events: Map<string, number>;
}

function countMoves() {
  const moves = new Map<string, CountedMove>();
  return {
    add: ({ moves: own }: Path): void => {
      const seen = new Set<CountedMove>();
      for (const { from, to, event, isOverride } of own) {
        const key = JSON.stringify([from, to]);
        const move = moves.get(key) ?? newMove(from, to);
        moves.set(key, move);
        move.times += 1;
        move.events.set(event, (move.events.get(event) ?? 0) + 1);
        if (isOverride) move.overridden += 1;
        if (!seen.has(move)) move.orders += 1;
        seen.add(move);
      }
    },
    all: (): readonly CountedMove[] => byOrders(moves.values()),
  };
}

function newMove(from: string | null, to: string): CountedMove {
  return { from, to, orders: 0, times: 0, overridden: 0, events: new Map() };
}

function countOverrides() {
  const counts = new Map<string, { times: number; orders: number }>();
  return {
    add: ({ overrides }: Path): void => {
      for (const [event, times] of Map.groupBy(overrides, (each) => each)) {
        const known = counts.get(event) ?? { times: 0, orders: 0 };
        known.orders += 1;
        known.times += times.length;
        counts.set(event, known);
      }
    },
    all: (): Conformance["overrides"] =>
      [...counts]
        .map(([event, each]) => ({ event, ...each }))
        .toSorted((a, b) => b.times - a.times),
  };
}

function byOrders<Each extends { readonly orders: number }>(all: Iterable<Each>): readonly Each[] {
  return [...all].toSorted((a, b) => b.orders - a.orders);
}
