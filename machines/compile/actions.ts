/** Compiles a document's actions: `assign`, `raise`, `open`, `send`, and the effects that the document declares. */

import type { ActionConfig, Actions } from "../document/document.ts";
import { childOf } from "../document/pointer.ts";
import type { ExpressionSite } from "../expression/compiler.ts";
import type { Json, JsonObject, JsonSchema } from "../json.ts";
import { isJsonObject, memberOf } from "../json.ts";
import { checkFits, checkRequired, typeOf } from "./checks/fits.ts";
import { checkOpened } from "./checks/opened.ts";
import { checkTruth } from "./checks/truth.ts";
import type { Action } from "./executable.ts";
import { placed } from "./placed.ts";
import { listed } from "./report.ts";
import { compileTemplate, type Template } from "./template.ts";
import type { ChartSite, Workshop } from "./workshop.ts";
import { compileExpression } from "./workshop.ts";

interface Place {
  readonly workshop: Workshop;
  readonly chart: ChartSite;
  readonly site: ExpressionSite;
  readonly pointer: string;
}

type Compile = (params: JsonObject, place: Place) => Action | null;

export function compileActions(
  workshop: Workshop,
  chart: ChartSite,
  actions: Actions | undefined,
  site: ExpressionSite,
  pointer: string,
): readonly Action[] {
  return placed(actions, pointer).flatMap(
    ([action, at]) => compileAction(action, { workshop, chart, site, pointer: at }) ?? [],
  );
}

function compileAction(action: string | ActionConfig, place: Place): Action | null {
  const { type, params } =
    typeof action === "string" ? { type: action, params: undefined } : action;
  const built = Object.hasOwn(BUILT_IN, type) ? BUILT_IN[type] : undefined;
  if (built !== undefined) return built(params ?? {}, place);
  if (!place.workshop.effects.has(type)) {
    place.workshop.reporter.error(
      "unknown-action",
      place.pointer,
      `Expected assign, raise, open, send or a declared effect, found "${type}".`,
      `The effects are ${listed(place.workshop.effects.keys())}; declare \`effects: { ${type}: { payload: ... } }\` if it is one.`,
    );
    return null;
  }
  return effect(type, params ?? {}, place);
}

function effect(type: string, params: JsonObject, place: Place): Action {
  const { workshop, site, pointer } = place;
  const { message } = params;
  if (typeof message === "string" && memberOf(workshop.document.messages, message) === undefined) {
    if (!message.startsWith("= ")) {
      workshop.reporter.error(
        "unknown-message",
        childOf(pointer, "params", "message"),
        `Expected a key of \`messages\`, found "${message}".`,
        `The messages are ${listed(Object.keys(workshop.document.messages ?? {}))}.`,
      );
    }
  }
  const at = childOf(pointer, "params");
  const template = compileTemplate(workshop, params, site, at);
  const schema = memberOf(workshop.document.effects, type)?.payload;
  checkHeld(template, `the params of ${type}`, schema, at, workshop);
  return { kind: "effect", pointer, type, params: template };
}

const BUILT_IN: Readonly<Record<string, Compile>> = { assign, raise, open, send };

function assign(params: JsonObject, place: Place): Action {
  const { workshop, chart, site, pointer } = place;
  const { collection } = chart;
  const schema =
    collection === null
      ? workshop.document.data
      : memberOf(workshop.document.items, collection)?.data;
  const fields = Object.entries(params).map(([field, value]) => {
    const at = childOf(pointer, "params", field);
    if (!declares(schema, field)) {
      workshop.reporter.error(
        "unknown-data-field",
        at,
        `Expected a field of ${collection === null ? "the order's data" : `the item's data (${collection})`}, found "${field}".`,
        `The fields are ${listed(fieldsOf(schema))}.`,
      );
    }
    const template = compileTemplate(workshop, value, site, at);
    const destination = { name: `the data field "${field}"`, type: typeOf(schema, field) };
    checkFits(template, destination, at, workshop.reporter);
    return [field, template] as const;
  });
  return { kind: "assign", pointer, fields };
}

function raise(params: JsonObject, place: Place): Action | null {
  const { workshop, chart, site, pointer } = place;
  const at = childOf(pointer, "params");
  const known = onlyKeys(params, ["event", "payload", "to"], place);
  const event = eventName(params["event"], place);
  const to = params["to"] ?? "self";
  if (to !== "self" && !(to === "order" && chart.collection !== null)) {
    workshop.reporter.error(
      "raise-target",
      childOf(at, "to"),
      `Expected ${chart.collection === null ? "no `to`" : "`to: order`"}, found ${JSON.stringify(to)}.`,
      "An item raises to itself, or to the order with `to: order`; the order reaches items with `send`.",
    );
    return null;
  }
  if (event === null || !known) return null;
  return {
    kind: "raise",
    pointer,
    event,
    payload: payloadOf(event, params, site, place),
    to: to === "order" ? "order" : "self",
  };
}

function open(params: JsonObject, place: Place): Action | null {
  const { workshop, site, pointer } = place;
  const known = onlyKeys(params, ["in", "value", "id"], place);
  const collection = collectionOf(params["in"], place);
  if (collection === null || !known) return null;
  const at = childOf(pointer, "params");
  const { id } = params;
  const value = compileTemplate(workshop, params["value"] ?? {}, site, childOf(at, "value"));
  const declaration = memberOf(workshop.document.items, collection);
  if (declaration !== undefined) {
    const place = params["value"] === undefined ? pointer : childOf(at, "value");
    checkOpened(value, collection, declaration, place, workshop.reporter);
  }
  return {
    kind: "open",
    pointer,
    collection,
    value,
    id: id === undefined ? null : compileTemplate(workshop, id, site, childOf(at, "id")),
  };
}

function send(params: JsonObject, place: Place): Action | null {
  const { workshop, site, pointer } = place;
  const known = onlyKeys(params, ["in", "where", "event", "payload"], place);
  const collection = collectionOf(params["in"], place);
  const event = eventName(params["event"], place);
  if (collection === null || event === null || !known) return null;
  const { where } = params;
  const at = childOf(pointer, "params", "where");
  return {
    kind: "send",
    pointer,
    collection,
    where:
      where === undefined ? null : compileWhere(where, { ...site, item: collection }, workshop, at),
    event,
    payload: payloadOf(event, params, site, place),
  };
}

function compileWhere(where: Json, site: ExpressionSite, workshop: Workshop, pointer: string) {
  const expression = compileExpression(workshop, where, site, pointer);
  if (expression !== null) {
    checkTruth(expression, "where-type", "a condition", pointer, workshop.reporter);
  }
  return expression;
}

function payloadOf(
  event: string,
  params: JsonObject,
  site: ExpressionSite,
  { workshop, pointer }: Place,
) {
  const { payload } = params;
  const at = childOf(pointer, "params", "payload");
  const template = payload === undefined ? null : compileTemplate(workshop, payload, site, at);
  const schema = memberOf(workshop.document.events, event)?.payload ?? NO_FIELDS;
  checkHeld(
    template,
    `the payload of ${event}`,
    schema,
    template === null ? pointer : at,
    workshop,
  );
  return template;
}

/** Without a schema anything fits. */
function checkHeld(
  template: Template | null,
  name: string,
  schema: JsonSchema | undefined,
  pointer: string,
  { reporter }: Workshop,
): void {
  if (schema === undefined) return;
  if (template !== null) checkFits(template, { name, type: typeOf(schema) }, pointer, reporter);
  checkRequired(template, name, schema, pointer, reporter);
}

const NO_FIELDS: JsonSchema = { type: "object", properties: {} };

function eventName(event: Json | undefined, { workshop, pointer }: Place): string | null {
  if (typeof event === "string" && workshop.events.has(event)) return event;
  workshop.reporter.error(
    "unknown-event",
    childOf(pointer, "params", "event"),
    `Expected an event of the document, found ${JSON.stringify(event ?? null)}.`,
    `The events are ${listed(workshop.events.keys())}.`,
  );
  return null;
}

function collectionOf(collection: Json | undefined, { workshop, pointer }: Place): string | null {
  if (
    typeof collection === "string" &&
    memberOf(workshop.document.items, collection) !== undefined
  ) {
    return collection;
  }
  workshop.reporter.error(
    "unknown-collection",
    childOf(pointer, "params", "in"),
    `Expected a collection of \`items\`, found ${JSON.stringify(collection ?? null)}.`,
    `The collections are ${listed(Object.keys(workshop.document.items ?? {}))}.`,
  );
  return null;
}

function onlyKeys(
  params: JsonObject,
  allowed: readonly string[],
  { workshop, pointer }: Place,
): boolean {
  const unknown = Object.keys(params).filter((key) => !allowed.includes(key));
  for (const key of unknown) {
    workshop.reporter.error(
      "unknown-param",
      childOf(pointer, "params", key),
      `Expected ${listed(allowed)}, found "${key}".`,
      "Remove it, or correct its name.",
    );
  }
  return unknown.length === 0;
}

function fieldsOf(schema: JsonSchema | undefined): readonly string[] {
  const properties = isJsonObject(schema) ? schema["properties"] : undefined;
  return isJsonObject(properties) ? Object.keys(properties) : [];
}

function declares(schema: JsonSchema | undefined, field: string): boolean {
  if (fieldsOf(schema).includes(field)) return true;
  // A schema that composes others, or that is open on purpose, may hold more than its own properties say.
  return (
    isJsonObject(schema) &&
    ["additionalProperties", "allOf", "anyOf", "oneOf", "$ref"].some(
      (key) => schema[key] !== undefined && schema[key] !== false,
    )
  );
}
