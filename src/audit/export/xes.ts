/** Writes histories as an XES log (IEEE 1849-2016), piece by piece: an order is a trace, and each of its entries an event. */

import type { Attribute, AttributeType } from "./attributes.ts";
import type { ExportedOrder, OcelEvent } from "./ocel.ts";
import { xmlName, xmlText } from "./xml.ts";

/** What an event of the trace is, and who did it. */
export interface XesEvent extends Pick<OcelEvent, "type" | "time" | "attributes"> {
  readonly actor: { readonly sub: string; readonly role: string };
}

/** In the order in which the standard's schema wants them: extensions, globals, classifiers, the log's own, traces. */
export function xesBegin(): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849.2016" xes.features="">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
  <extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
  <extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
  <extension name="Identity" prefix="identity" uri="http://www.xes-standard.org/identity.xesext"/>
  <global scope="trace">
    <string key="concept:name" value="unknown"/>
    <id key="identity:id" value="00000000-0000-0000-0000-000000000000"/>
  </global>
  <global scope="event">
    <string key="concept:name" value="unknown"/>
    <date key="time:timestamp" value="1970-01-01T00:00:00.000Z"/>
    <string key="lifecycle:transition" value="complete"/>
    <string key="org:resource" value="unknown"/>
    <string key="org:role" value="unknown"/>
    <string key="sevenstep.state" value="unknown"/>
  </global>
  <classifier name="Activity" scope="event" keys="concept:name"/>
  <classifier name="ActivityAndState" scope="event" keys="concept:name sevenstep.state"/>
  <string key="concept:name" value="sevenstep"/>
  <string key="lifecycle:model" value="standard"/>
`;
}

export function xesTrace({ id, process, businessKey, centre, outcome }: ExportedOrder): string {
  const members = { process, businessKey, centre, outcome };
  const told = Object.entries(members).map(([key, value]) =>
    value === null ? "" : `    ${attribute("string", `sevenstep.${key}`, value)}\n`,
  );
  return `  <trace>
    ${attribute("string", "concept:name", id)}
    <id key="identity:id" value="${xmlText(id)}"/>
${told.join("")}`;
}

export function xesEvent({ type, time, actor, attributes }: XesEvent): string {
  const told = named(attributes).map(([key, each]) => {
    const [element, value] = written(each);
    return `      ${attribute(element, key, value)}\n`;
  });
  return `    <event>
      ${attribute("string", "concept:name", type)}
      ${attribute("date", "time:timestamp", time)}
      <string key="lifecycle:transition" value="complete"/>
      ${attribute("string", "org:resource", actor.sub)}
      ${attribute("string", "org:role", actor.role)}
${told.join("")}    </event>
`;
}

export function xesTraceEnd(): string {
  return "  </trace>\n";
}

export function xesEnd(): string {
  return "</log>\n";
}

const ELEMENTS = {
  string: "string",
  time: "date",
  integer: "int",
  float: "float",
  boolean: "boolean",
} as const satisfies Record<AttributeType, string>;

type Element = (typeof ELEMENTS)[AttributeType];

/** A value that its declared type can't hold here is a text: an unknown instant, a whole number over 64 bits. */
function written({ type, value }: Attribute): readonly [Element, string] {
  if (type === "time" && !WRITTEN_INSTANT.test(String(value))) return ["string", String(value)];
  if (typeof value !== "number" || type === "float") return [ELEMENTS[type], String(value)];
  return Number.isSafeInteger(value) ? ["int", String(value)] : ["float", String(value)];
}

const WRITTEN_INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Two names that are written alike are one key: the first counts, since an event has each key once. */
function named(attributes: readonly Attribute[]): readonly (readonly [string, Attribute])[] {
  return [
    ...new Map(attributes.toReversed().map((each) => [xmlName(each.name), each])),
  ].toReversed();
}

function attribute(element: Element, key: string, value: string): string {
  return `<${element} key="${xmlText(key)}" value="${xmlText(value)}"/>`;
}
