/** Reads state values as paths from the root, dots between keys: `quality.peerCheck`. */

import type { StateValue } from "../../machines/order.ts";

export function isActive(value: StateValue, path: string): boolean {
  let at: StateValue | undefined = value;
  for (const key of path.split(".")) {
    if (at === undefined) return false;
    if (typeof at === "string") {
      if (at !== key) return false;
      at = undefined;
    } else {
      if (!Object.hasOwn(at, key)) return false;
      at = at[key];
    }
  }
  return true;
}

/** Paths of the innermost active states, in document order. */
export function activePaths(value: StateValue, prefix = ""): readonly string[] {
  if (typeof value === "string") return [prefix + value];
  const paths = Object.entries(value).flatMap(([key, inner]) =>
    activePaths(inner, `${prefix}${key}.`),
  );
  return paths.length === 0 && prefix !== "" ? [prefix.slice(0, -1)] : paths;
}
