/**
 * Writes an object-centric log as OCEL 2.0 JSON, piece by piece: the events as they come, then objects, then the types
 * that were met. Values are texts whatever their declared type, as the standard's JSON schema asks for.
 */

import type { Attribute } from "./attributes.ts";
import type { OcelEvent, OcelObject } from "./ocel.ts";
import { createOcelTypes, type OcelTypes } from "./ocel-types.ts";

export interface OcelJson {
  readonly begin: () => string;
  readonly event: (event: OcelEvent) => string;
  /** To be kept until all events are written: objects come after them. */
  readonly object: (object: OcelObject) => string;
  readonly betweenEventsAndObjects: () => string;
  readonly end: () => string;
}

export function createOcelJson(): OcelJson {
  const eventTypes = createOcelTypes();
  const objectTypes = createOcelTypes();
  const inEvents = separator();
  const inObjects = separator();
  return {
    begin: () => '{"events":[',
    event: ({ id, type, time, attributes, relationships }) => {
      eventTypes.meet(type, attributes);
      const written = attributes.map((each) => ({ name: each.name, value: textOf(each) }));
      const event = { id, type, time, attributes: written, relationships };
      return inEvents() + JSON.stringify(event);
    },
    object: ({ id, type, attributes, relationships }) => {
      objectTypes.meet(type, attributes);
      const written = attributes.map((each) => ({
        ...{ name: each.name, time: each.time, value: textOf(each) },
      }));
      return inObjects() + JSON.stringify({ id, type, attributes: written, relationships });
    },
    betweenEventsAndObjects: () => '\n],"objects":[',
    end: () =>
      `\n],"eventTypes":${typesText(eventTypes)},\n"objectTypes":${typesText(objectTypes)}}\n`,
  };
}

function separator(): () => string {
  let text = "\n";
  return () => {
    const now = text;
    text = ",\n";
    return now;
  };
}

function textOf({ value }: Attribute): string {
  // `String` would write a large whole number with an exponent, which is none of the standard's integers.
  return Number.isInteger(value) ? BigInt(value).toString() : String(value);
}

function typesText(types: OcelTypes): string {
  const all = [...types.all()].map(([name, attributes]) => ({
    name,
    attributes: [...attributes].map(([attribute, type]) => ({ name: attribute, type })),
  }));
  return JSON.stringify(all);
}
