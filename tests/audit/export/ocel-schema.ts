/** Holds a file against the OCEL 2.0 format: its JSON schema, and what the specification asks beyond that. */

import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";

export interface OcelFile {
  readonly events: readonly OcelThing[];
  readonly objects: readonly OcelThing[];
  readonly eventTypes: readonly OcelTypeInFile[];
  readonly objectTypes: readonly OcelTypeInFile[];
}

export interface OcelThing {
  readonly id: string;
  readonly type: string;
  readonly time: string;
  readonly attributes: readonly { readonly name: string; readonly value: string }[];
  readonly relationships: readonly { readonly objectId: string; readonly qualifier: string }[];
}

interface OcelTypeInFile {
  readonly name: string;
  readonly attributes: readonly { readonly name: string; readonly type: string }[];
}

const ajv = new Ajv({ strict: true });
addFormats.default(ajv);
/** Another one, such as the standard's own, may be named. */
const SCHEMA =
  process.env["OCEL_SCHEMA"] ?? new URL("standards/ocel2.schema.json", import.meta.url);
const isFormed = ajv.compile<OcelFile>(JSON.parse(readFileSync(SCHEMA, "utf8")));

/** @throws {Error} naming the first thing that is wrong */
export function ocelFile(text: string): OcelFile {
  const file: unknown = JSON.parse(text);
  if (!isFormed(file)) throw new Error(ajv.errorsText(isFormed.errors));
  const objects = unique(file.objects);
  unique(file.events);
  for (const { id, relationships } of [...file.events, ...file.objects]) {
    for (const { objectId } of relationships) {
      if (!objects.has(objectId))
        throw new Error(`${id} is related to ${objectId}, which is not there`);
    }
    const named = relationships.map(({ objectId, qualifier }) => `${objectId} ${qualifier}`);
    if (new Set(named).size < named.length) throw new Error(`${id} has a relation twice`);
  }
  declared(file.events, file.eventTypes);
  declared(file.objects, file.objectTypes);
  return file;
}

function unique(things: readonly OcelThing[]): ReadonlySet<string> {
  const ids = new Set(things.map(({ id }) => id));
  if (ids.size < things.length) throw new Error("an id stands twice");
  return ids;
}

/** Every attribute is declared by its type, once, and its value is of its declared kind. */
function declared(things: readonly OcelThing[], types: readonly OcelTypeInFile[]): void {
  const byName = new Map(types.map(({ name, attributes }) => [name, attributes]));
  if (byName.size < types.length) throw new Error("a type is declared twice");
  for (const { id, type, attributes } of things) {
    const known = new Map(byName.get(type)?.map((each) => [each.name, each.type]));
    for (const { name, value } of attributes) {
      const kind = KINDS[known.get(name) ?? "undeclared"];
      if (kind?.test(value) !== true) throw new Error(`${id}: ${name} is ${value}`);
    }
  }
}

const KINDS: { readonly [type: string]: RegExp } = {
  string: /^/,
  time: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
  integer: /^-?\d+$/,
  float: /^-?\d+(\.\d+)?(e[+-]\d+)?$/,
  boolean: /^(true|false)$/,
};
