/** The OpenAPI document as tests see it, made from the routes alone: no engine is needed to describe them. */

import type { Json } from "../../../machines/json.ts";
import { createApp } from "../../../src/http/app.ts";

export interface MediaType {
  readonly schema?: object | boolean;
  readonly example?: Json;
}

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header" | "cookie";
  readonly required?: boolean;
  readonly schema: object;
}

export interface DocumentedResponse {
  readonly description: string;
  readonly headers?: { readonly [name: string]: { readonly $ref?: string; required?: boolean } };
  readonly content?: { readonly [mediaType: string]: MediaType };
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly security?: readonly object[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly required?: boolean;
    readonly content: { readonly [mediaType: string]: MediaType };
  };
  readonly responses: { readonly [status: string]: DocumentedResponse };
}

export interface OpenApiDocument {
  readonly openapi: string;
  readonly paths: { readonly [path: string]: { readonly [method: string]: Operation } };
  readonly components: {
    readonly schemas: { readonly [name: string]: { readonly example?: unknown } };
    readonly headers: { readonly [name: string]: { readonly required?: boolean } };
    readonly securitySchemes: object;
  };
  readonly security: readonly object[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
}

export async function openApiDocument(): Promise<OpenApiDocument> {
  const response = await createApp(whatever).request("/openapi.json");
  return response.json();
}

/** Stands for every port, and for everything in it; called, it answers with itself. */
const whatever: ReturnType<typeof JSON.parse> = new Proxy(() => whatever, {
  get: (_target, key) => {
    if (key === Symbol.toPrimitive) return () => "0";
    if (key === Symbol.iterator) return () => [].values();
    // Whoever watches requests wraps their answers: here nobody does.
    const isAbsent = ["then", "metrics", "traces"].includes(String(key)) || typeof key === "symbol";
    return isAbsent ? undefined : whatever;
  },
  apply: () => whatever,
});
