/** The names that an expression may read at its place in the document, with their types and how to get them. */

import type { JsonSchema } from "../json.ts";
import * as cel from "./cel-type.ts";
import type { CelType, ObjectType } from "./cel-type.ts";
import type { ExpressionModel, ExpressionSite } from "./compiler.ts";
import type { Names, Root } from "./compiling.ts";
import { Fault } from "./frame.ts";
import type { Run } from "./frame.ts";
import { typeOfSchema } from "./schema-type.ts";
import type { Value } from "./value.ts";

const IDENTITY_OR_NULL = cel.nullable(cel.STRING);

const ACTOR = cel.objectOf([
  ["sub", cel.STRING],
  ["role", cel.STRING],
  ["centre", IDENTITY_OR_NULL],
]);

const ORDER = cel.objectOf([
  ["id", cel.STRING],
  ["businessKey", IDENTITY_OR_NULL],
  ["centre", IDENTITY_OR_NULL],
]);

/** Names that are the same in every document. */
export const SCOPE_NAMES: readonly string[] = ["event", "actor", "now", "order", "item", "inState"];

/** Fields that every item has beside those of its data. */
export const ITEM_FIELDS: readonly string[] = ["id", "state", "tags"];

/** What is the same for all expressions of one document. */
export interface ModelTypes {
  readonly roots: ReadonlyMap<string, Root>;
  readonly items: ReadonlyMap<string, CelType>;
}

export function typesOf(model: ExpressionModel): ModelTypes {
  const roots = new Map<string, Root>();
  const data = typeOfSchema(model.data);
  const fields = data.kind === "object" ? data.fields : new Map<string, CelType>();
  for (const [name, type] of fields) roots.set(name, dataField(name, type));
  const items = new Map<string, CelType>();
  for (const [name, collection] of Object.entries(model.collections)) {
    const type = itemType(collection.data, collection.states);
    items.set(name, type);
    roots.set(
      name,
      root(cel.listOf(type), ({ scope }) => scope.items(name)),
    );
  }
  roots.set(
    "actor",
    root(ACTOR, ({ scope: { actor } }) => ({
      sub: actor.sub,
      role: actor.role,
      centre: actor.centre,
    })),
  );
  roots.set(
    "order",
    root(ORDER, ({ scope: { order } }) => ({
      id: order.id,
      businessKey: order.businessKey,
      centre: order.centre,
    })),
  );
  roots.set(
    "now",
    root(cel.TIMESTAMP, ({ scope }) => scope.now),
  );
  return { roots, items };
}

export function namesAt(types: ModelTypes, site: ExpressionSite): Names {
  const roots = new Map(types.roots);
  const unavailable = new Map<string, string>([["inState", 'write inState("path.of.a.state")']]);
  if (site.event === null) unavailable.set("event", NO_EVENT);
  else
    roots.set(
      "event",
      root(typeOfSchema(site.event), ({ scope }) => scope.event),
    );
  const item = site.item === null ? undefined : types.items.get(site.item);
  if (item === undefined) unavailable.set("item", NO_ITEM);
  else
    roots.set(
      "item",
      root(item, ({ scope }) => scope.item ?? missing("there is no item here")),
    );
  return { roots, unavailable };
}

const NO_EVENT =
  "event can't be read here, because more than one event may lead here; keep what is needed in a data field, " +
  "by assign on the transitions that know the event, and read that field";

const NO_ITEM =
  "item can be read only in an item's own machine and in where; the order reads a collection by its name";

function dataField(name: string, type: CelType): Root {
  const has: Root["has"] = ({ scope }) => Object.hasOwn(scope.data, name);
  const run: Run = ({ scope }) =>
    Object.hasOwn(scope.data, name)
      ? (scope.data[name] ?? null)
      : missing(`the data has no field ${name} now; ask with has(${name}) first`);
  return { type, run, has };
}

function itemType(data: JsonSchema, states: readonly string[] | undefined): ObjectType {
  const own = typeOfSchema(data);
  const fields = own.kind === "object" ? own.fields : new Map<string, CelType>();
  const state: CelType = states === undefined ? cel.STRING : { kind: "string", values: states };
  return {
    kind: "object",
    fields: new Map<string, CelType>([
      ["id", cel.STRING],
      ["state", state],
      ["tags", cel.listOf(cel.STRING)],
      ...fields,
    ]),
    rest: own.kind === "object" ? own.rest : cel.DYN,
  };
}

function root(type: CelType, run: Run): Root {
  return { type, run, has: null };
}

function missing(message: string): Value {
  throw new Fault(message);
}
