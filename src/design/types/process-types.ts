/** Writes what a definition promises to its callers as one TypeScript module: a wrong payload then does not compile. */

import type { EventSpec, Executable } from "../../../machines/compile/executable.ts";
import type { Text } from "../../../machines/document/document.ts";
import { isJsonObject, type Json, type JsonSchema } from "../../../machines/json.ts";
import { docComment } from "./doc-comment.ts";
import { propertyName, schemaType } from "./schema-type.ts";

/**
 * One exported interface of the shape that `sevenstep/client` takes as `ProcessTypes`, named after the process.
 * The same document gives the same text.
 */
export function processTypes(executable: Executable): string {
  const { process, version, digest, document, data, items, events, effects } = executable;
  const module = typeWriter(pascal(process));
  const body = [
    member("process", JSON.stringify(process)),
    member("version", JSON.stringify(version)),
    member("role", oneOf(executable.roles)),
    member("step", oneOf(stepsOf(executable))),
    member("outcome", oneOf(outcomesOf(executable))),
    member("state", oneOf(pathsOf(executable)), ["Paths of the order's states."]),
    member("input", module.write(data.schema, "Input", false), ["What an order starts from."]),
    member("data", module.write(data.schema, "Data", true), ["What an order remembers."]),
    record("items", items, ([name, { data: fields }]) =>
      member(propertyName(name), module.write(fields.schema, `${pascal(name)}Item`, true)),
    ),
    record("events", sentByCallers(events), ([type, { title, description, payload }]) =>
      member(
        propertyName(type),
        module.write(payload.schema, `${pascal(type)}Payload`, false),
        [title, description].flatMap(english),
      ),
    ),
    record("effects", effects, ([type, { schema }]) =>
      member(propertyName(type), module.write(schema, `${pascal(type)}Effect`, true)),
    ),
    record("jobs", doneOutside(executable), ([type, { input, output }]) => [
      `    readonly ${propertyName(type)}: {`,
      `      readonly input: ${module.write(input.schema, `${pascal(type)}Input`, true)};`,
      `      readonly output: ${module.write(output.schema, `${pascal(type)}Output`, false)};`,
      "    };",
    ]),
  ].flat();
  return [
    `/** Written by \`sevenstep types\` from ${process} ${version}; write it anew when the definition changes. Digest ${digest}. */`,
    "",
    ...module.declarations(),
    ...docComment([document.title].flatMap(english), 0),
    `export interface ${pascal(process)} {`,
    ...body,
    "}",
    "",
  ].join("\n");
}

interface TypeWriter {
  /** @returns the name of the type that the schema was declared as. */
  readonly write: (schema: JsonSchema, name: string, defaultsFilled: boolean) => string;
  readonly declarations: () => readonly string[];
}

/** Each schema becomes a type of its own, and so does each of its `$defs`: these may refer to themselves. */
function typeWriter(prefix: string): TypeWriter {
  const lines: string[] = [];
  const taken = new Set<string>([prefix]);
  const unique = (name: string): string => {
    const free = taken.has(name) ? unique(`${name}_`) : name;
    taken.add(free);
    return free;
  };
  return {
    write: (schema, name, defaultsFilled) => {
      const own = unique(`${prefix}${name}`);
      const defs = definitionsIn(schema).map(
        ([def, inner]) => [def, unique(`${own}${pascal(def)}`), inner] as const,
      );
      const names = new Map(defs.map(([def, type]) => [def, type]));
      const named = (ref: string) => names.get(definitionNamed(ref)) ?? "unknown";
      for (const [, type, inner] of [...defs, ["", own, schema] as const]) {
        lines.push(
          `export type ${type} = ${schemaType(inner, { named, defaultsFilled, mutableArrays: false })};`,
          "",
        );
      }
      return own;
    },
    declarations: () => lines,
  };
}

function definitionsIn(schema: JsonSchema): readonly (readonly [string, Json])[] {
  const defs = isJsonObject(schema) ? schema["$defs"] : undefined;
  return isJsonObject(defs) ? Object.entries(defs) : [];
}

/** RFC 6901 section 6; a document's references go to its own `$defs` only. */
function definitionNamed(ref: string): string {
  const token = decodeURIComponent(ref.replace(/^#\/\$defs\//, ""));
  return token.replaceAll("~1", "/").replaceAll("~0", "~");
}

/** The engine does its built-in jobs itself: no worker is ever given one. */
function doneOutside({ document, jobs }: Executable): Executable["jobs"] {
  return new Map([...jobs].filter(([type]) => document.jobs?.[type]?.builtin === undefined));
}

/** An event with `by: []` is the process's own. */
function sentByCallers(events: Executable["events"]): ReadonlyMap<string, EventSpec> {
  return new Map([...events].filter(([, { by }]) => by === null || by.length > 0));
}

function pathsOf({ order }: Executable): readonly string[] {
  return [...order.states.keys()].filter((path) => path !== "");
}

function stepsOf({ order }: Executable): readonly string[] {
  return [...order.states.values()].flatMap(({ meta: { step } }) => step ?? []);
}

function outcomesOf({ order }: Executable): readonly string[] {
  const finals = order.root.children.filter(({ kind }) => kind === "final");
  return finals.map(({ key, meta }) => meta.outcome ?? key);
}

function record<Value>(
  name: string,
  entries: ReadonlyMap<string, Value>,
  lines: (entry: readonly [string, Value]) => readonly string[],
): readonly string[] {
  if (entries.size === 0) return [`  readonly ${name}: {};`];
  return [
    `  readonly ${name}: {`,
    ...[...entries].flatMap(lines).map((line) => (line.startsWith("    ") ? line : `  ${line}`)),
    "  };",
  ];
}

function member(name: string, type: string, sentences: readonly string[] = []): readonly string[] {
  return [...docComment(sentences, 2), `  readonly ${name}: ${type};`];
}

function oneOf(names: readonly string[]): string {
  const distinct = [...new Set(names)];
  return distinct.length === 0
    ? "string"
    : distinct.map((name) => JSON.stringify(name)).join(" | ");
}

function english(text: Text | null | undefined): readonly string[] {
  if (text === null || text === undefined) return [];
  const found = typeof text === "string" ? text : (text["en"] ?? Object.values(text)[0]);
  return found === undefined ? [] : [/[.!?]$/.test(found) ? found : `${found}.`];
}

/** `service-visit` and `SERVICE_VISIT` become `ServiceVisit`; what is no letter or digit parts words. */
function pascal(name: string): string {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
  const joined = words
    .map((word) => (/\p{Ll}/u.test(word) ? word : word.toLowerCase()))
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
  return /^\p{L}/u.test(joined) ? joined : `_${joined}`;
}
