/** Names states and events in the reader's words, as the definition's titles have them. */

import type { DefinitionDocument, StateConfig } from "../../../machines/document/document.ts";
import { textIn } from "../../../machines/document/text.ts";
import type { StateValue } from "../../../machines/order.ts";

export function eventTitle(document: DefinitionDocument, type: string, language: string): string {
  return textIn(document.events?.[type]?.title, language, type);
}

/** What is active now and was not before, innermost states with the step that they belong to. */
export function newStates(
  document: DefinitionDocument,
  before: StateValue | null,
  after: StateValue,
  language: string,
): readonly string[] {
  const old = new Set(before === null ? [] : leavesOf(before).map((path) => path.join(".")));
  return leavesOf(after)
    .filter((path) => !old.has(path.join(".")))
    .map((path) => stateTitle(document.machine, path, language));
}

type Path = readonly string[];

function leavesOf(value: StateValue): readonly Path[] {
  if (typeof value === "string") return [[value]];
  return Object.entries(value).flatMap(([key, inner]) => {
    const below = leavesOf(inner);
    return below.length === 0 ? [[key]] : below.map((path) => [key, ...path]);
  });
}

/** The outermost and the innermost title: `Repair › in progress`. */
function stateTitle(machine: StateConfig, path: Path, language: string): string {
  const titles: string[] = [];
  let state: StateConfig | undefined = machine;
  for (const key of path) {
    state = state?.states?.[key];
    titles.push(textIn(state?.meta?.title, language, key));
  }
  const [first = "", ...others] = titles;
  const last = others.at(-1);
  return last === undefined ? first : `${first} › ${last}`;
}
