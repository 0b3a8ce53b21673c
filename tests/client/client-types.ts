/** Writes the OpenAPI document as the TypeScript types that `openapi-fetch` takes: every path, parameter, body and answer. */

import { docComment } from "../../src/design/types/doc-comment.ts";
import { propertyName, schemaType } from "../../src/design/types/schema-type.ts";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../../machines/json.ts";

const HEADER = "/** Written from the OpenAPI document by `npm run generate`. */";
const METHODS: ReadonlySet<string> = new Set(["get", "put", "post", "delete", "patch", "head"]);

/** Texts by file name: the paths of each tag, the schemas that only this tag uses, and those that several share. */
export function clientTypes(openapi: JsonObject): ReadonlyMap<string, string> {
  const owners = ownersOf(openapi);
  const tags = [...new Set(operationsOf(openapi).map(({ tag }) => tag))].toSorted();
  const groups = [...new Set(owners.values())].toSorted();
  return new Map([
    ...groups.map((group) => [`schemas/${group}.ts`, schemasText(openapi, owners, group)] as const),
    ...tags.map((tag) => [`paths/${tag}.ts`, tagText(openapi, owners, tag)] as const),
    ["paths.ts", pathsText(tags)],
  ]);
}

interface Operation {
  readonly path: string;
  readonly method: string;
  /** In kebab-case, as its file is named. */
  readonly tag: string;
  readonly description: JsonObject;
}

const SHARED = "shared";

function operationsOf(openapi: JsonObject): readonly Operation[] {
  return Object.entries(objectAt(openapi, "paths")).flatMap(([path, item]) =>
    Object.entries(isJsonObject(item) ? item : {}).flatMap(([method, description]) => {
      if (!METHODS.has(method) || !isJsonObject(description)) return [];
      const tags = description["tags"];
      const tag = isJsonArray(tags) ? textOf(tags[0]) : SHARED;
      return [{ path, method, tag: tag.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-"), description }];
    }),
  );
}

/** The file of each schema: its only user's, or the shared one. */
function ownersOf(openapi: JsonObject): ReadonlyMap<string, string> {
  const schemas = objectAt(openapi, "components", "schemas");
  const owners = new Map<string, string>();
  for (const { tag, description } of operationsOf(openapi)) {
    const seen = new Set<string>();
    const visit = (name: string): void => {
      if (seen.has(name)) return;
      seen.add(name);
      for (const inner of refsIn(openapi, schemas[name] ?? null)) visit(inner);
    };
    for (const name of refsIn(openapi, description)) visit(name);
    for (const name of seen) {
      const owner = owners.get(name) ?? tag;
      owners.set(name, owner === tag ? tag : SHARED);
    }
  }
  return owners;
}

/** Names of the schemas that a part of the document refers to, also by way of shared answers and parameters. */
function refsIn(openapi: JsonObject, part: Json): ReadonlySet<string> {
  if (isJsonArray(part)) return new Set(part.flatMap((each) => [...refsIn(openapi, each)]));
  if (!isJsonObject(part)) return new Set();
  const ref = part["$ref"];
  if (typeof ref === "string") {
    const name = /^#\/components\/schemas\/(.+)$/.exec(ref)?.[1];
    return name === undefined ? refsIn(openapi, resolved(openapi, part)) : new Set([name]);
  }
  return new Set(Object.values(part).flatMap((each) => [...refsIn(openapi, each)]));
}

function schemasText(
  openapi: JsonObject,
  owners: ReadonlyMap<string, string>,
  group: string,
): string {
  const schemas = Object.entries(objectAt(openapi, "components", "schemas"));
  const lines = schemas
    .filter(([name]) => owners.get(name) === group)
    .flatMap(([name, schema]) => [
      ...docComment(descriptionOf(schema), 0),
      `export type ${typeName(name)} = ${typeOf(schema, 0)};`,
      "",
    ]);
  const others = new Map([...owners].filter(([, owner]) => owner !== group));
  return [HEADER, "", ...imports(others, lines.join("\n"), "."), ...lines].join("\n");
}

function tagText(openapi: JsonObject, owners: ReadonlyMap<string, string>, tag: string): string {
  const operations = operationsOf(openapi).filter((operation) => operation.tag === tag);
  const paths = [...Map.groupBy(operations, ({ path }) => path)].flatMap(([path, methods]) => [
    `  readonly ${JSON.stringify(path)}: {`,
    ...methods.flatMap((operation) => operationLines(openapi, operation)),
    "  };",
  ]);
  const lines = [`export interface ${pathsName(tag)} {`, ...paths, "}", ""];
  return [HEADER, "", ...imports(owners, lines.join("\n"), "../schemas"), ...lines].join("\n");
}

/** What the text uses of these schemas, and of the two shapes of an answer. */
function imports(
  owners: ReadonlyMap<string, string>,
  text: string,
  folder: string,
): readonly string[] {
  const used = [...owners].filter(([name]) => new RegExp(`\\b${typeName(name)}\\b`).test(text));
  const lines = [...Map.groupBy(used, ([, owner]) => owner)].map(([owner, names]) => {
    const types = names.map(([name]) => typeName(name)).join(", ");
    return `import type { ${types} } from "${folder}/${owner}.ts";`;
  });
  const shapes = ["Answer", "Refusal"].filter((name) => text.includes(`: ${name}<`));
  if (shapes.length > 0) lines.push(`import type { ${shapes.join(", ")} } from "../../answer.ts";`);
  return lines.length === 0 ? [] : [...lines.toSorted(), ""];
}

function pathsText(tags: readonly string[]): string {
  return [
    HEADER,
    "",
    ...tags.map((tag) => `import type { ${pathsName(tag)} } from "./paths/${tag}.ts";`),
    "",
    "/** Every operation of the API. */",
    `export interface Paths extends ${tags.map(pathsName).join(", ")} {}`,
    "",
  ].join("\n");
}

function pathsName(tag: string): string {
  return `${tag.split("-").map(typeName).join("")}Paths`;
}

function operationLines(
  openapi: JsonObject,
  { method, description }: Operation,
): readonly string[] {
  const parameters = ["query", "header", "path"].flatMap((place) =>
    parameterLines(openapi, place, description),
  );
  return [
    ...docComment(descriptionOf({ description: description["summary"] ?? "" }), 4),
    `    readonly ${method}: {`,
    ...(parameters.length === 0
      ? ["      readonly parameters: {};"]
      : ["      readonly parameters: {", ...parameters, "      };"]),
    ...bodyLines(description["requestBody"]),
    "      readonly responses: {",
    ...Object.entries(objectAt(description, "responses")).map(([status, answer]) =>
      answerLine(status, resolved(openapi, answer)),
    ),
    "      };",
    "    };",
  ];
}

/** Headers stay optional: a client may set them in one place for all requests. */
function parameterLines(
  openapi: JsonObject,
  place: string,
  { parameters }: JsonObject,
): readonly string[] {
  const own = (isJsonArray(parameters) ? parameters : [])
    .map((each) => resolved(openapi, each))
    .filter((each) => each["in"] === place);
  if (own.length === 0) return [];
  const isNeeded = own.some(({ required }) => required === true) && place !== "header";
  return [
    `        readonly ${place}${isNeeded ? "" : "?"}: {`,
    ...own.flatMap((parameter) => {
      const mark = parameter["required"] === true && place !== "header" ? "" : "?";
      const name = propertyName(textOf(parameter["name"]));
      return [
        ...docComment(descriptionOf(parameter), 10),
        `          readonly ${name}${mark}: ${typeOf(parameter["schema"], 10)};`,
      ];
    }),
    "        };",
  ];
}

function bodyLines(body: Json | undefined): readonly string[] {
  if (!isJsonObject(body)) return [];
  const mark = body["required"] === true ? "" : "?";
  const media = Object.entries(objectAt(body, "content")).map(
    ([type, each]) => `          readonly ${JSON.stringify(type)}: ${typeOf(schemaIn(each), 10)};`,
  );
  return [
    `      readonly requestBody${mark}: {`,
    "        readonly content: {",
    ...media,
    "        };",
    "      };",
  ];
}

function answerLine(status: string, answer: JsonObject): string {
  const content = Object.entries(objectAt(answer, "content"));
  if (content.length === 0) return `        readonly ${status}: Answer<undefined>;`;
  const problem = content.find(([type]) => type === "application/problem+json");
  const type =
    problem !== undefined && content.length === 1
      ? `Refusal<${codesIn(schemaIn(problem[1]))}>`
      : `Answer<{${content.map(([media, each]) => ` readonly ${JSON.stringify(media)}: ${typeOf(schemaIn(each), 8)}`).join(";")} }>`;
  return `        readonly ${status}: ${type};`;
}

/** The codes that an answer's problem document is narrowed to. */
function codesIn(schema: Json | undefined): string {
  if (isJsonArray(schema)) {
    return schema.map(codesIn).find((codes) => codes !== "string") ?? "string";
  }
  if (!isJsonObject(schema)) return "string";
  const code = objectAt(schema, "properties", "code");
  if (isJsonArray(code["enum"]) || code["const"] !== undefined) return typeOf(code, 0);
  return codesIn(schema["allOf"]);
}

function schemaIn(media: Json): Json | undefined {
  return isJsonObject(media) ? media["schema"] : undefined;
}

function typeOf(schema: Json | undefined, indent: number): string {
  const named = (ref: string) => typeName(ref.split("/").at(-1) ?? ref);
  return schemaType(schema, { named, defaultsFilled: false, mutableArrays: true }, indent);
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : SHARED;
}

function typeName(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function descriptionOf(part: Json): readonly string[] {
  const description = isJsonObject(part) ? part["description"] : undefined;
  return typeof description === "string" && description !== "" ? [description] : [];
}

function resolved(openapi: JsonObject, part: Json): JsonObject {
  const ref = isJsonObject(part) ? part["$ref"] : undefined;
  if (typeof ref === "string") return objectAt(openapi, ...ref.slice(2).split("/"));
  return isJsonObject(part) ? part : {};
}

function objectAt(from: JsonObject, ...keys: readonly string[]): JsonObject {
  let at: JsonObject = from;
  for (const key of keys) {
    const next = at[key];
    if (!isJsonObject(next)) return {};
    at = next;
  }
  return at;
}
