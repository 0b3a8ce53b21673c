/** The OpenAPI document is whole: every route, every reference, every refusal, and examples that their schemas accept. */

import { createConfig, lintFromString } from "@redocly/openapi-core";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import ajvFormats from "ajv-formats";
import { beforeAll, describe, expect, test } from "vitest";
import { PROBLEMS } from "../../src/http/problem.ts";
import type { Routes } from "../../src/http/context.ts";
import { embeddedServer } from "./server.ts";

interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: {
    readonly [status: string]: { readonly description: string; readonly content?: object };
  };
}

interface Document {
  readonly openapi: string;
  readonly paths: { readonly [path: string]: { readonly [method: string]: Operation } };
  readonly components: {
    readonly schemas: { readonly [name: string]: { readonly example?: unknown } };
    readonly securitySchemes: object;
  };
  readonly security: readonly object[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
}

/** What people and tools read about the API is no part of it. */
const UNDESCRIBED = /^\/(openapi\.json|docs(\/.*)?)?$/;

let app: Routes;
let document: Document;

beforeAll(async () => {
  const server = await embeddedServer();
  app = server.app;
  document = await (await app.request("/openapi.json")).json();
  await server.close();
});

function operations(): readonly (readonly [string, string, Operation])[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [path, method, operation] as const),
  );
}

describe("/openapi.json", () => {
  test("is OpenAPI 3.1 with a bearer token as its scheme", () => {
    expect(document.openapi).toBe("3.1.0");
    expect(document.components.securitySchemes).toMatchObject({
      bearer: { type: "http", scheme: "bearer" },
    });
    expect(document.security).toEqual([{ bearer: [] }]);
  });

  test("is found right by Redocly's strictest rules, all of them, without a warning", async () => {
    const config = await createConfig({ extends: ["recommended-strict"] });
    const found = await lintFromString({
      source: JSON.stringify(document),
      absoluteRef: "openapi.json",
      config,
    });
    expect(
      found.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer]),
    ).toEqual([]);
  });

  test("fits the official schema of OpenAPI 3.1", async () => {
    const { valid, errors } = await new Validator().validate(JSON.parse(JSON.stringify(document)));
    expect(errors ?? []).toEqual([]);
    expect(valid).toBe(true);
  });

  test("names every operation once, in camelCase, in a chapter that is described", () => {
    const ids = operations().map(([, , { operationId }]) => operationId ?? "");
    expect(ids.filter((id) => !/^[a-z]+([A-Z][a-z]+)*$/.test(id))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
    const chapters = document.tags.map(({ name }) => name);
    for (const [path, method, { tags = [] }] of operations()) {
      expect(tags, `${method} ${path}`).toHaveLength(1);
      expect(chapters, `${method} ${path}`).toContain(tags[0]);
    }
  });

  test("describes every route that the application answers", () => {
    const described = new Set(
      operations().map(([path, method]) => `${method} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`),
    );
    const answered = app.routes
      .filter(({ method, path }) => method !== "ALL" && !UNDESCRIBED.test(path))
      .map(({ method, path }) => `${method.toLowerCase()} ${path}`);
    expect(new Set(answered)).toEqual(described);
  });

  test("says of each what it is for, what it gives, and how it refuses", () => {
    for (const [path, method, { summary, responses }] of operations()) {
      const where = `${method} ${path}`;
      expect(summary, where).toBeTruthy();
      const statuses = Object.keys(responses);
      expect(
        statuses.some((status) => status.startsWith("2")),
        where,
      ).toBe(true);
      if (path.startsWith("/v1/"))
        expect(statuses, where).toEqual(expect.arrayContaining(["401", "500", "503"]));
      for (const [status, { description, content }] of Object.entries(responses)) {
        expect(description, `${where} ${status}`).toBeTruthy();
        if (Number(status) >= 400)
          expect(Object.keys(content ?? {})).toEqual(["application/problem+json"]);
      }
    }
  });

  test("names a parameter for every variable of a path", () => {
    for (const [path, method, { parameters = [] }] of operations()) {
      const inPath = parameters.filter((each) => each.in === "path").map(({ name }) => name);
      const variables = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(inPath, `${method} ${path}`).toEqual(variables);
    }
  });

  test("knows that an address may name nothing", () => {
    const sure = operations().filter(
      ([path, , { responses }]) =>
        path.includes("{") && responses["404"]?.description.includes("`not-found`") !== true,
    );
    expect(sure.map(([path, method]) => `${method} ${path}`)).toEqual([]);
  });

  test("has every schema that it refers to", () => {
    for (const [, name] of JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      expect(Object.keys(document.components.schemas)).toContain(name);
    }
  });

  test("has schemas that a validator compiles, and examples that they accept", () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: true });
    ajvFormats.default(ajv);
    ajv.addSchema({ $id: "api", ...document });
    let examples = 0;
    for (const [name, { example }] of Object.entries(document.components.schemas)) {
      const validate = ajv.compile({ $ref: `api#/components/schemas/${name}` });
      if (example === undefined) continue;
      examples += 1;
      expect(validate(example), `${name}: ${ajv.errorsText(validate.errors)}`).toBe(true);
    }
    expect(examples).toBeGreaterThanOrEqual(5);
  });

  test("names every problem code somewhere, but those that no caller can meet", () => {
    const text = JSON.stringify(document.paths);
    const unnamed = Object.keys(PROBLEMS).filter((code) => !text.includes(`\`${code}\``));
    expect(unnamed.toSorted()).toEqual([
      // Timers, jobs, replays and `sevenstep migrate` alone meet these, and some are answers to any address.
      "definition-mismatch",
      "headers-too-large",
      "method-not-allowed",
      "migration-impossible",
      "migration-rules-invalid",
      "migration-undecided",
      "request-malformed",
      "route-unknown",
      "timer-not-due",
      "timer-unknown",
    ]);
  });
});
