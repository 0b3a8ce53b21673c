/** Holds an answer against the OpenAPI document: its status, its media type, its headers, and its body to the last member. */

import { Ajv2020 } from "ajv/dist/2020.js";
import type { ValidateFunction } from "ajv/dist/2020.js";
import ajvFormats from "ajv-formats";
import type { DocumentedResponse, OpenApiDocument, Operation } from "./document.ts";

export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly headers: Headers;
  /** Null: not looked at, because it is a stream without an end. */
  readonly body: string | null;
}

export interface Contract {
  /** Every documented `operationId status`. */
  readonly cells: readonly string[];
  /** Null: the address is none of the document's. */
  readonly cellOf: (exchange: Exchange) => string | null;
  /** @returns what the document does not say so; none: it does */
  readonly violations: (exchange: Exchange) => readonly string[];
}

interface Route {
  readonly pattern: RegExp;
  readonly variables: number;
  readonly path: string;
  readonly methods: { readonly [method: string]: Operation };
}

/** Of the transport, and of every answer alike: see the document's introduction. */
const EVERYWHERE: ReadonlySet<string> = new Set([
  ...["connection", "content-length", "content-type", "date", "keep-alive", "transfer-encoding"],
  ...["cache-control", "vary", "content-security-policy", "cross-origin-opener-policy"],
  ...["cross-origin-resource-policy", "origin-agent-cluster", "referrer-policy"],
  ...["access-control-allow-origin", "access-control-expose-headers", "allow"],
  ...["strict-transport-security", "x-content-type-options", "x-dns-prefetch-control"],
  ...["x-download-options", "x-frame-options", "x-permitted-cross-domain-policies"],
  ...["x-xss-protection"],
]);

/** What people and tools read about the API, which describes everything but itself. */
const UNDESCRIBED = /^\/(openapi\.json|docs(\/.*)?)?$/;

export function contractOf(document: OpenApiDocument): Contract {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  ajvFormats.default(ajv);
  ajv.addSchema({ ...closed(document), $id: "api" });
  const compiled = new Map<string, ValidateFunction>();
  const validator = (pointer: readonly string[]): ValidateFunction => {
    const $ref = `api#${pointer.map((token) => `/${encodeURIComponent(escaped(token))}`).join("")}`;
    const known = compiled.get($ref) ?? ajv.compile({ $ref });
    compiled.set($ref, known);
    return known;
  };
  const misfit = (pointer: readonly string[], value: unknown): readonly string[] => {
    const validate = validator(pointer);
    if (validate(value)) return [];
    return [`the body does not fit its schema: ${ajv.errorsText(validate.errors)}`];
  };
  const routes = routesOf(document);

  return {
    cells: routes.flatMap(({ methods }) =>
      Object.values(methods).flatMap(({ operationId, responses }) =>
        Object.keys(responses).map((status) => `${operationId} ${status}`),
      ),
    ),
    cellOf: (exchange) => {
      const operation = found(routes, exchange)?.operation;
      return operation === undefined ? null : `${operation.operationId} ${exchange.status}`;
    },
    violations: (exchange) => {
      if (UNDESCRIBED.test(exchange.path)) return [];
      const at = found(routes, exchange);
      if (at === null) return misfit(["components", "schemas", "Problem"], dataIn(exchange.body));
      const { route, method, operation } = at;
      const { status, headers, body } = exchange;
      const response = operation.responses[status];
      if (response === undefined) return [`status ${status} is not documented: ${body}`];
      const wrong = headerViolations(document, response, headers);
      if (body === null || exchange.method === "HEAD") return wrong;
      if (response.content === undefined) {
        return body === "" ? wrong : [...wrong, "a body where none is documented"];
      }
      const type = (headers.get("content-type") ?? "").split(";", 1)[0] ?? "";
      if (response.content[type] === undefined) return [...wrong, `type "${type}" not documented`];
      const pointer = ["paths", route.path, method, "responses", String(status), "content", type];
      const data = /[/+]json$/.test(type) ? dataIn(body) : body;
      return [...wrong, ...misfit([...pointer, "schema"], data)];
    },
  };
}

/** Literal addresses before those with variables, as the router has it. */
function routesOf({ paths }: OpenApiDocument): readonly Route[] {
  return Object.entries(paths)
    .map(([path, methods]) => ({
      path,
      methods,
      variables: path.split("{").length - 1,
      pattern: new RegExp(
        `^${path.replaceAll(/[.*+?^$()[\]|\\]/g, "\\$&").replaceAll(/\{\w+\}/g, "[^/]+")}$`,
      ),
    }))
    .toSorted((a, b) => a.variables - b.variables);
}

function found(routes: readonly Route[], { method: asked, path }: Exchange) {
  const method = asked === "HEAD" ? "get" : asked.toLowerCase();
  for (const route of routes) {
    const operation = route.methods[method];
    if (operation !== undefined && route.pattern.test(path)) return { route, method, operation };
  }
  return null;
}

function headerViolations(
  document: OpenApiDocument,
  { headers: documented = {} }: DocumentedResponse,
  headers: Headers,
): readonly string[] {
  const names = new Set(Object.keys(documented).map((name) => name.toLowerCase()));
  const extra = [...headers.keys()].filter((name) => !EVERYWHERE.has(name) && !names.has(name));
  const missing = Object.entries(documented).filter(([name, { $ref, required }]) => {
    const shared = document.components.headers[$ref?.split("/").at(-1) ?? ""];
    return (shared?.required ?? required) === true && !headers.has(name);
  });
  return [
    ...extra.map((name) => `the header ${name} is not documented`),
    ...missing.map(([name]) => `the header ${name} is missing`),
  ];
}

/**
 * The document leaves objects open, so that members can be added without breaking a client; an answer today holds none
 * that are not described.
 */
function closed<Part>(part: Part): Part;
function closed(part: unknown): unknown {
  if (Array.isArray(part)) return part.map((each) => closed(each));
  if (typeof part !== "object" || part === null) return part;
  const inside = Object.entries(part).map(([key, value]) => [
    key,
    key === "example" || key === "examples" || key === "allOf" ? value : closed(value),
  ]);
  const isOpen = "properties" in part && "type" in part && !("additionalProperties" in part);
  return { ...Object.fromEntries(inside), ...(isOpen ? { additionalProperties: false } : {}) };
}

function dataIn(body: string | null): unknown {
  try {
    return JSON.parse(body ?? "");
  } catch {
    return undefined;
  }
}

function escaped(token: string): string {
  return token.replaceAll("~", "~0").replaceAll("/", "~1");
}
