/** Makes a request that fits its description, from nothing but the OpenAPI document: examples first, then the smallest value. */

import { isJsonObject, type Json, type JsonObject } from "../../../machines/json.ts";
import type { OpenApiDocument, Operation, Parameter } from "./document.ts";

export interface Described {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

export interface SampleRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string | Uint8Array<ArrayBuffer> | null;
}

export function operationsOf({ paths }: OpenApiDocument): readonly Described[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    })),
  );
}

/** Of things that don't exist: well-formed, and unknown to the server. */
export function sampleRequest(document: OpenApiDocument, described: Described): SampleRequest {
  const { method, path, operation } = described;
  const parameters = operation.parameters ?? [];
  const required = parameters.filter((each) => each.in === "query" && each.required === true);
  const query = new URLSearchParams(
    required.map((each) => [each.name, textOf(sampleOf(document, each.schema))]),
  );
  const address = path.replaceAll(/\{(\w+)\}/g, (_whole, name) =>
    unknownId(parameters.find((each) => each.in === "path" && each.name === name)),
  );
  const [type = "", media] = preferredMedia(operation);
  const body = media === undefined ? null : bodyOf(document, type, media);
  return {
    method,
    path: required.length === 0 ? address : `${address}?${query}`,
    headers: body === null ? {} : { "Content-Type": type },
    body,
  };
}

type Media = NonNullable<Operation["requestBody"]>["content"][string];

function preferredMedia({ requestBody }: Operation): readonly [string, Media] | readonly [] {
  const media = Object.entries(requestBody?.content ?? {});
  return media.find(([type]) => type === "application/json") ?? media[0] ?? [];
}

function bodyOf(document: OpenApiDocument, type: string, { example, schema }: Media): string {
  const value = example ?? sampleOf(document, schema);
  return type.endsWith("json") ? JSON.stringify(value) : textOf(value);
}

function textOf(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function unknownId(parameter: Parameter | undefined): string {
  const schema = jsonObject(parameter?.schema);
  if (schema["format"] === "uuid") return "01980c3e-6c1a-7000-8000-00000000dead";
  const pattern = typeof schema["pattern"] === "string" ? new RegExp(schema["pattern"], "u") : /./;
  const candidates = ["no-such-thing", "9.9.9", "01980c3e-6c1a-7000-8000-00000000dead.1.0", "1"];
  return candidates.find((candidate) => pattern.test(candidate)) ?? "none";
}

/** The example, the default, the first choice, or the smallest value that the schema takes. */
export function sampleOf(document: OpenApiDocument, given: unknown): Json {
  const schema = dereferenced(document, given);
  for (const key of ["example", "default", "const"]) {
    const value = schema[key];
    if (value !== undefined) return value;
  }
  for (const key of ["enum", "examples"]) {
    const values = schema[key];
    if (Array.isArray(values) && values[0] !== undefined) return values[0];
  }
  for (const key of ["anyOf", "oneOf", "allOf"]) {
    const choices = schema[key];
    if (Array.isArray(choices)) return sampleOf(document, choices[0]);
  }
  const type = Array.isArray(schema["type"]) ? schema["type"][0] : schema["type"];
  switch (type) {
    case "object":
      return sampleObject(document, schema);
    case "array":
      return schema["minItems"] === undefined ? [] : [sampleOf(document, schema["items"])];
    case "integer":
    case "number":
      return typeof schema["minimum"] === "number" ? schema["minimum"] : 1;
    case "boolean":
      return true;
    case "string":
      return schema["format"] === "uri" ? "https://example.com/" : "x";
    default:
      return null;
  }
}

function sampleObject(document: OpenApiDocument, schema: JsonObject): JsonObject {
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  const properties = jsonObject(schema["properties"]);
  const members = required.map((name) => String(name));
  return Object.fromEntries(members.map((name) => [name, sampleOf(document, properties[name])]));
}

export function dereferenced(document: OpenApiDocument, given: unknown): JsonObject {
  const schema = jsonObject(given);
  const { $ref } = schema;
  if (typeof $ref !== "string") return schema;
  return dereferenced(document, document.components.schemas[$ref.split("/").at(-1) ?? ""]);
}

function jsonObject(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}
