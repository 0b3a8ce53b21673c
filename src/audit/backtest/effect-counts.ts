/** How often an order's effects happen under two definitions, where that differs. */

import type { Effect } from "../../../machines/order.ts";

export interface EffectCount {
  /** The effect's type, and the message that it names: `notify line-proposed`. */
  readonly effect: string;
  readonly told: number;
  readonly found: number;
}

/** In the order of their names; those that happen as often as before are left out. */
export function effectCounts(
  told: readonly Effect[],
  found: readonly Effect[],
): readonly EffectCount[] {
  const before = counted(told);
  const after = counted(found);
  return [...new Set([...before.keys(), ...after.keys()])]
    .toSorted()
    .map((effect) => ({
      ...{ effect, told: before.get(effect) ?? 0, found: after.get(effect) ?? 0 },
    }))
    .filter(({ told: once, found: again }) => once !== again);
}

function counted(effects: readonly Effect[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { type, params } of effects) {
    const { message } = params;
    const name = typeof message === "string" ? `${type} ${message}` : type;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}
