/** Where an order stands in its process: active states, the step they belong to, and their tags. */

import type { Chart, ChartState } from "../../machines/compile/executable.ts";
import type { Text } from "../../machines/document/document.ts";
import { textIn } from "../../machines/document/text.ts";
import type { StateValue } from "../../machines/order.ts";
import { inEveryLanguage } from "./languages.ts";

/** What follows from a state value alone. */
interface Position {
  readonly active: readonly ChartState[];
  readonly step: string | null;
  readonly tags: readonly string[];
  title: Text | null;
}

/** Upper bound of positions remembered per chart; beyond it the memory is emptied, never wrong. */
const REMEMBERED = 4_096;
const positions = new WeakMap<Chart, Map<string, Position>>();

/** Every answer asks several times, and a chart has few configurations beside the orders in them. */
function positionOf(chart: Chart, value: StateValue): Position {
  const key = JSON.stringify(value);
  const known = positions.get(chart) ?? new Map<string, Position>();
  const remembered = known.get(key);
  if (remembered !== undefined) return remembered;
  const active = within(chart.root, value);
  const all = [chart.root, ...active];
  const tags = [...new Set(all.flatMap((state) => state.tags))];
  const position = { active, step: deepestStep(all), tags, title: null };
  if (known.size >= REMEMBERED) known.clear();
  positions.set(chart, known.set(key, position));
  return position;
}

/** Active states in document order, the outer before the inner; the root is not among them. */
export function activeStates(chart: Chart, value: StateValue): readonly ChartState[] {
  return positionOf(chart, value).active;
}

/**
 * `meta.step` of the deepest active state that has one of its own; of several as deep, the first in document order.
 * Null when no active state names a step.
 */
export function stepOf(chart: Chart, value: StateValue): string | null {
  return positionOf(chart, value).step;
}

/** Tags of all active states, once each, in document order. */
export function tagsOf(chart: Chart, value: StateValue): readonly string[] {
  return positionOf(chart, value).tags;
}

function deepestStep(states: readonly ChartState[]): string | null {
  let step: string | null = null;
  let deepest = -1;
  for (const { meta, path } of states) {
    const depth = path === "" ? 0 : path.split(".").length;
    if (meta.step === undefined || depth <= deepest) continue;
    step = meta.step;
    deepest = depth;
  }
  return step;
}

function within(state: ChartState, value: StateValue): readonly ChartState[] {
  const inner = typeof value === "string" ? { [value]: {} } : value;
  return state.children.flatMap((child) => {
    const childValue = Object.hasOwn(inner, child.key) ? inner[child.key] : undefined;
    return childValue === undefined ? [] : [child, ...within(child, childValue)];
  });
}

/**
 * Where the order stands, for people: the outermost and the innermost title of each active region, `Repair › in
 * progress`. A state without a title goes by its key.
 */
export function titleOf(chart: Chart, value: StateValue): Text {
  const position = positionOf(chart, value);
  return (position.title ??= titleAt(chart, value));
}

function titleAt(chart: Chart, value: StateValue): Text {
  const places = pathsTo(chart.root, value);
  return inEveryLanguage((language) => {
    const titles = places.map((path) => {
      const [first = "", ...others] = path.map(({ key, meta }) =>
        textIn(meta.title, language, key),
      );
      const last = others.at(-1);
      return last === undefined ? first : `${first} › ${last}`;
    });
    return [...new Set(titles)].join(", ");
  });
}

/** From the outermost to the innermost active state, once per innermost one. */
function pathsTo(state: ChartState, value: StateValue): readonly (readonly ChartState[])[] {
  const inner = typeof value === "string" ? { [value]: {} } : value;
  return state.children.flatMap((child) => {
    const childValue = Object.hasOwn(inner, child.key) ? inner[child.key] : undefined;
    if (childValue === undefined) return [];
    const below = pathsTo(child, childValue);
    return below.length === 0 ? [[child]] : below.map((path) => [child, ...path]);
  });
}
