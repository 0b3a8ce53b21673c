/** Which names of a document an expression could not read, because they already mean something else to it. */

import type { DefinitionDocument } from "../document/document.ts";
import { childOf } from "../document/pointer.ts";
import type { Finding } from "../finding.ts";
import { isJsonObject } from "../json.ts";
import type { JsonSchema } from "../json.ts";
import { FUNCTIONS } from "./functions.ts";
import { LIST_MACROS } from "./macros.ts";
import { ITEM_FIELDS, SCOPE_NAMES } from "./names.ts";

/** CEL's own words (language definition, "Syntax"), and what JavaScript would find on every object. */
const KEYWORDS =
  "true false null in as break const continue else for function if import let loop package namespace return var void while " +
  "__proto__ prototype constructor cel has type";

const reservedNames: ReadonlySet<string> = new Set([
  ...SCOPE_NAMES,
  ...KEYWORDS.split(" "),
  ...LIST_MACROS.keys(),
  ...FUNCTIONS.map(({ name }) => name),
]);

export function checkReservedNames(document: DefinitionDocument): readonly Finding[] {
  const fields = propertiesOf(document.data);
  const collections = Object.entries(document.items ?? {});
  const findings = fields.flatMap((name) =>
    judgeName(name, "data field", childOf("/data/properties", name)),
  );
  for (const [name, { data }] of collections) {
    const pointer = childOf("/items", name);
    findings.push(...judgeName(name, "item collection", pointer));
    if (fields.includes(name)) findings.push(taken(name, "item collection", pointer));
    for (const field of propertiesOf(data).filter((each) => ITEM_FIELDS.includes(each)))
      findings.push(taken(field, "item field", childOf(`${pointer}/data/properties`, field)));
  }
  return findings;
}

function judgeName(name: string, what: string, pointer: string): readonly Finding[] {
  if (reservedNames.has(name)) return [taken(name, what, pointer)];
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return [];
  return [
    {
      rule: "unreadable-name",
      severity: "error",
      pointer,
      line: null,
      message: `expected a name that expressions can read, found the ${what} "${name}"`,
      help: "Use letters, digits and underscores of ASCII, no digit first; titles may be in any language.",
    },
  ];
}

function taken(name: string, what: string, pointer: string): Finding {
  return {
    rule: "reserved-name",
    severity: "error",
    pointer,
    line: null,
    message: `expected a name of its own, found the ${what} "${name}", which means something else in expressions`,
    help: `Rename it; taken are ${[...SCOPE_NAMES, ...ITEM_FIELDS].join(", ")} and the words and functions of CEL.`,
  };
}

function propertiesOf(schema: JsonSchema | undefined): readonly string[] {
  const properties = isJsonObject(schema) ? schema["properties"] : undefined;
  return isJsonObject(properties) ? Object.keys(properties) : [];
}
