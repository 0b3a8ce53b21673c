/** What an export takes from a definition: its version, where an order stands, and what its events and data tell. */

import type { Chart, ChartState, Executable } from "../../../machines/compile/executable.ts";
import type { DefinitionDocument, Text } from "../../../machines/document/document.ts";
import { memberOf } from "../../../machines/json.ts";
import type { StateValue } from "../../../machines/order.ts";
import { attributesOf, type Attributes, type Declared } from "./attributes.ts";

export interface Vocabulary {
  readonly version: string;
  /** The step of the process that the order is in; null: no active state names one. */
  readonly stepOf: (value: StateValue) => string | null;
  /** Whether the order has ended there. */
  readonly isEnd: (value: StateValue) => boolean;
  /** By type. */
  readonly events: ReadonlyMap<string, EventWords>;
  /** Of a job's output, by the job's type. */
  readonly outputs: ReadonlyMap<string, Attributes>;
  /** What people call a step, and a state by its path. */
  readonly titles: ReadonlyMap<string, Text>;
  /** Of the order's data at its start. */
  readonly data: Attributes;
  /** The same by the field that holds them, such as `vehicle`. */
  readonly groups: ReadonlyMap<string, Attributes>;
}

export interface EventWords {
  readonly attributes: Attributes;
  /** The collection it is addressed to, and the field of its payload that names the item. */
  readonly item: { readonly collection: string; readonly key: string } | null;
}

/** @param stepOf of the definition's own chart */
export function vocabularyOf(
  { version, document, data, order }: Executable,
  stepOf: Vocabulary["stepOf"],
): Vocabulary {
  const declared = attributesOf(data.schema);
  return {
    ...{ version, stepOf, data: declared, groups: groupsOf(declared), titles: titlesOf(order) },
    isEnd: (value) => isDone(order.root, value),
    events: new Map(
      Object.entries(document.events ?? {}).map(([type, event]) => [
        type,
        { attributes: attributesOf(event.payload), item: addressed(document, event.item) },
      ]),
    ),
    outputs: new Map(
      Object.entries(document.jobs ?? {}).map(([type, { output }]) => [type, attributesOf(output)]),
    ),
  };
}

/** SCXML 3.13: a compound state is done in a final child, a parallel one when all of its regions are. */
function isDone({ kind, children }: ChartState, value: StateValue | undefined): boolean {
  if (kind === "final") return true;
  if (value === undefined) return false;
  const inside = typeof value === "string" ? { [value]: {} } : value;
  const active = children.filter(({ key }) => Object.hasOwn(inside, key));
  return kind === "parallel"
    ? active.every((child) => isDone(child, inside[child.key]))
    : active.some((child) => child.kind === "final");
}

/** A step is called as the outermost state that names it. */
function titlesOf({ states }: Chart): ReadonlyMap<string, Text> {
  const titles = new Map<string, Text>();
  for (const [path, { meta }] of states) if (meta.title !== undefined) titles.set(path, meta.title);
  for (const { meta } of states.values()) {
    const { step, title } = meta;
    if (step !== undefined && title !== undefined && !titles.has(step)) titles.set(step, title);
  }
  return titles;
}

function addressed(
  { items }: DefinitionDocument,
  collection: string | undefined,
): EventWords["item"] {
  if (collection === undefined) return null;
  const key = memberOf(items, collection)?.key;
  return key === undefined ? null : { collection, key };
}

function groupsOf(data: Attributes): ReadonlyMap<string, Attributes> {
  const groups = new Map<string, Map<string, Declared>>();
  for (const { path, type } of data.values()) {
    const [group = "", ...rest] = path;
    if (rest.length === 0) continue;
    const members = groups.get(group) ?? new Map<string, Declared>();
    groups.set(group, members.set(rest.join("."), { path: rest, type }));
  }
  return groups;
}
