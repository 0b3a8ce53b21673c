/** The events of a document: who may send them, to what, with which payload. Events used in `on` alone get defaults. */

import type { DefinitionDocument, EventDeclaration, StateConfig } from "../document/document.ts";
import { childOf } from "../document/pointer.ts";
import { memberOf } from "../json.ts";
import type { PayloadSchemas } from "../schema/compile-schema.ts";
import { ADMIN, checkRoles } from "./checks/roles.ts";
import type { EventSpec } from "./executable.ts";
import type { Reporter } from "./report.ts";
import { listed } from "./report.ts";
import { EMPTY, compileSchema } from "./schemas.ts";

export function compileVocabulary(
  document: DefinitionDocument,
  reporter: Reporter,
): ReadonlyMap<string, EventSpec> {
  const events = new Map<string, EventSpec>();
  for (const [type, declaration] of Object.entries(document.events ?? {})) {
    const pointer = childOf("/events", type);
    checkRoles(declaration.by, document, pointer, reporter);
    checkItem(declaration, document, pointer, reporter);
    events.set(
      type,
      eventSpec(
        document,
        type,
        declaration,
        compileSchema(declaration.payload, `${pointer}/payload`, reporter),
      ),
    );
  }
  for (const { event, pointer, item } of usedEvents(document)) {
    if (events.has(event)) continue;
    reporter.warning(
      "event-undeclared",
      pointer,
      `Expected an event that \`events\` declares, found "${event}".`,
      item === null
        ? `Declare it: events: { ${event}: { by: [...], payload: {...} } }. Until then every role may send it, with an empty payload.`
        : `Declare it: events: { ${event}: { item: ${item}, by: [] } } when the process itself sends it, and with roles in \`by\` and a payload when people do. Until then only the process itself sends it.`,
    );
    events.set(event, eventSpec(document, event, undeclared(item), EMPTY));
  }
  return events;
}

/** By event, who may send it (null: every caller): what `compileVocabulary` says too, without compiling anything. */
export function sendersOf(
  document: DefinitionDocument,
): ReadonlyMap<string, readonly string[] | null> {
  const declared = Object.entries(document.events ?? {});
  const used = usedEvents(document).map(({ event, item }) => [event, undeclared(item)] as const);
  // Of several entries of one event the first counts: its declaration, else its first use.
  return new Map(
    [...declared, ...used]
      .toReversed()
      .map(([event, declaration]) => [event, senders(document, declaration)]),
  );
}

/** Without a payload nobody outside could name the item: an item's undeclared event comes by `send` alone. */
function undeclared(item: string | null): EventDeclaration {
  return item === null ? {} : { item, by: [] };
}

function senders(
  { roles = [] }: DefinitionDocument,
  { by }: EventDeclaration,
): readonly string[] | null {
  return by ?? (roles.length === 0 ? null : [...roles, ADMIN]);
}

function eventSpec(
  document: DefinitionDocument,
  type: string,
  declaration: EventDeclaration,
  payload: PayloadSchemas,
): EventSpec {
  return {
    type,
    title: declaration.title ?? null,
    description: declaration.description ?? null,
    item: declaration.item ?? null,
    by: senders(document, declaration),
    payload,
  };
}

function checkItem(
  declaration: EventDeclaration,
  document: DefinitionDocument,
  pointer: string,
  reporter: Reporter,
): void {
  if (declaration.item === undefined) return;
  const item = memberOf(document.items, declaration.item);
  if (item === undefined) {
    reporter.error(
      "unknown-collection",
      `${pointer}/item`,
      `Expected a collection of \`items\`, found "${declaration.item}".`,
      `The collections are ${listed(Object.keys(document.items ?? {}))}.`,
    );
    return;
  }
  // Nobody outside may send it: a `send` or a `raise` of the process knows its item.
  if (declaration.by?.length === 0) return;
  const { payload } = declaration;
  const fields = typeof payload === "object" ? payload["properties"] : undefined;
  if (typeof fields === "object" && fields !== null && Object.hasOwn(fields, item.key)) return;
  reporter.error(
    "item-key-missing",
    `${pointer}/payload`,
    `Expected the payload to hold "${item.key}", by which the event names its ${declaration.item} item; found no such field.`,
    `Add "${item.key}" to the payload's properties and to \`required\`.`,
  );
}

interface UsedEvent {
  readonly event: string;
  readonly pointer: string;
  readonly item: string | null;
}

function usedEvents(document: DefinitionDocument): readonly UsedEvent[] {
  const used: UsedEvent[] = [];
  const visit = (state: StateConfig, pointer: string, item: string | null): void => {
    for (const event of Object.keys(state.on ?? {})) {
      used.push({ event, pointer: childOf(pointer, "on", event), item });
    }
    for (const [key, child] of Object.entries(state.states ?? {})) {
      visit(child, childOf(pointer, "states", key), item);
    }
  };
  // The order's machine first: an event that both know is the order's, and must not need an item.
  visit(document.machine, "/machine", null);
  for (const [collection, declaration] of Object.entries(document.items ?? {})) {
    visit(declaration.machine, `${childOf("/items", collection)}/machine`, null);
  }
  return used;
}
