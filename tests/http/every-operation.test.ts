/** What every operation refuses alike is provoked at each of them, from the OpenAPI document alone: none is forgotten. */

import { OpenAPIHono } from "@hono/zod-openapi";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AppPorts, HttpEnv } from "../../src/http/context.ts";
import { createPlaces } from "../../src/http/places.ts";
import type { ProblemCode } from "../../src/http/problem.ts";
import { StoreUnavailable } from "../../src/store/errors.ts";
import { openApiDocument } from "../support/openapi/document.ts";
import { operationsOf, sampleRequest } from "../support/openapi/sample.ts";
import type { Described, SampleRequest } from "../support/openapi/sample.ts";
import { asking, embeddedServer, tokenFor } from "./server.ts";
import type { Answer, TestServer } from "./server.ts";

const document = await openApiDocument();
const operations = operationsOf(document).map(
  (described) => [described.operation.operationId, described] as const,
);

const servers: TestServer[] = [];

async function serverWith(ports: Partial<AppPorts>): Promise<TestServer> {
  const server = await embeddedServer(ports);
  servers.push(server);
  return server;
}

/** An engine of which every function throws. */
function failing(error: Error): AppPorts["engine"] {
  const broken: ReturnType<typeof JSON.parse> = new Proxy(() => undefined, {
    get: (_target, key) => (key === "then" || typeof key === "symbol" ? undefined : broken),
    apply: () => {
      throw error;
    },
  });
  return broken;
}

const sites = new Map<string, TestServer>();
beforeAll(async () => {
  sites.set("serving", await serverWith({}));
  sites.set("starting", await serverWith({ stage: () => "starting" }));
  sites.set("stopping", await serverWith({ stage: () => "stopping" }));
  sites.set("full", await serverWith({ places: createPlaces({ max: 0 }) }));
  sites.set("broken", await serverWith({ engine: failing(new Error("planted")) }));
  sites.set("cut off", await serverWith({ engine: failing(new StoreUnavailable("planted")) }));
  sites.set("strict", await serverWith({ edge: { rate: { perSecond: 0.001, burst: 1 } } }));
});
afterAll(() => Promise.all(servers.map((server) => server.close())));

interface Provocation {
  readonly code: ProblemCode;
  readonly site?: string;
  /** What of a plausible request is made wrong; null: this operation takes nothing that could be. */
  readonly wrong: (sample: SampleRequest, described: Described) => Partial<Sent> | null;
}

interface Sent extends SampleRequest {
  readonly token: string | null | undefined;
  /** The caller goes away in the middle of its body, or sends it too slowly. */
  readonly isCutShort?: boolean;
}

const MIB = 1_048_576;
const unchanged = () => ({});

const PROVOCATIONS: readonly Provocation[] = [
  { code: "authentication-required", wrong: ifSecured({ token: null }) },
  { code: "authentication-required", wrong: ifSecured({ token: "x.y.z" }) },
  {
    code: "header-invalid",
    wrong: ({ headers }, { operation: { parameters = [] } }) =>
      parameters.some(({ name }) => name.toLowerCase() === "idempotency-key")
        ? { headers: { ...headers, "Idempotency-Key": "k".repeat(400) } }
        : null,
  },
  {
    code: "not-acceptable",
    wrong: ({ headers }) => ({ headers: { ...headers, Accept: "image/png" } }),
  },
  { code: "request-invalid", wrong: ({ path }) => ({ path: withQuery(path, "no-such=1") }) },
  { code: "starting", site: "starting", wrong: unchanged },
  { code: "shutting-down", site: "stopping", wrong: unchanged },
  { code: "overloaded", site: "full", wrong: unchanged },
  { code: "rate-limited", site: "strict", wrong: unchanged },
  { code: "internal-error", site: "broken", wrong: unchanged },
  { code: "database-unavailable", site: "cut off", wrong: unchanged },
  { code: "not-found", wrong: unthinkable },
  { code: "body-malformed", wrong: ifBody(() => "{") },
  { code: "body-malformed", wrong: ifText(Uint8Array.of(0xff)) },
  { code: "body-text-unsafe", wrong: ifText("a: \0") },
  {
    code: "body-too-large",
    wrong: ({ body }) => (body === null ? null : { body: " ".repeat(MIB + 1) }),
  },
  {
    code: "request-too-slow",
    wrong: ({ body }) => (body === null ? null : { isCutShort: true }),
  },
  {
    code: "media-type-unsupported",
    wrong: ({ body }) => (body === null ? null : { headers: { "Content-Type": "text/plain" } }),
  },
  { code: "body-text-unsafe", wrong: ifBody(() => '{"a":"\\ud800"}') },
  { code: "body-key-duplicate", wrong: ifBody(() => '{"a":1,"a":2}') },
  { code: "body-key-forbidden", wrong: ifBody(() => '{"__proto__":1}') },
  { code: "body-number-range", wrong: ifBody(() => '{"a":1e999}') },
  { code: "body-too-deep", wrong: ifBody(() => "[".repeat(33)) },
  { code: "request-invalid", wrong: ifBody(() => '{"no-such":1}') },
];

/** Names that nothing can have, whatever the form of its name is. */
function unthinkable({ path }: SampleRequest, { path: template }: Described): Partial<Sent> | null {
  const [, query] = path.split("?", 2);
  const address = template.replaceAll(/\{\w+\}/g, "!".repeat(201));
  if (address === template) return null;
  return { path: query === undefined ? address : `${address}?${query}` };
}

function ifSecured(change: Partial<Sent>): Provocation["wrong"] {
  return (_sample, { operation: { security } }) => (security?.length === 0 ? null : change);
}

function ifBody(wrong: (body: string) => string): Provocation["wrong"] {
  return ({ body }, { operation }) =>
    typeof body !== "string" || takesText(operation) ? null : { body: wrong(body) };
}

/** Such a body is a document for the judge, not JSON for the edge. */
function ifText(body: string | Uint8Array<ArrayBuffer>): Provocation["wrong"] {
  return (_sample, { operation }) => (takesText(operation) ? { body } : null);
}

function takesText({ requestBody }: Described["operation"]): boolean {
  return requestBody?.content["application/yaml"] !== undefined;
}

function withQuery(path: string, pair: string): string {
  return `${path}${path.includes("?") ? "&" : "?"}${pair}`;
}

function provoke(site: string, sent: Sent): Promise<Answer> {
  const server = sites.get(site);
  if (server === undefined) throw new Error(`no server is ${site}`);
  const { path, token, body, headers, method, isCutShort = false } = sent;
  return asking(isCutShort ? cuttingShort(server) : server)(path, {
    method: METHODS.find((known) => known === method) ?? "GET",
    ...(token === undefined ? {} : { token }),
    ...(body === null ? {} : { body }),
    headers,
  });
}

/** Of every request the first half of its body arrives, and then nothing: as on a socket that was closed. */
function cuttingShort({ app }: TestServer): Pick<TestServer, "app"> {
  const incoming = { complete: false, destroyed: true, socket: { remoteAddress: "127.0.0.1" } };
  const cut = new OpenAPIHono<HttpEnv>();
  cut.mount("/", async (request) => {
    const bytes = new Uint8Array(await request.arrayBuffer());
    const half = bytes.subarray(0, bytes.byteLength / 2);
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(half),
      pull: (controller) => controller.error(new Error("aborted")),
    });
    const init: RequestInit & { readonly duplex: "half" } = { body, duplex: "half" };
    return app.fetch(new Request(request, init), { incoming });
  });
  return { app: cut };
}

/** One of two optional parameters is needed, which no schema says. */
function sampleOf(described: Described): SampleRequest {
  const sample = sampleRequest(document, described);
  if (described.operation.operationId !== "getWorkOrderAt") return sample;
  return { ...sample, path: withQuery(sample.path, "revision=1") };
}

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

/** Whether the description of any of the operation's refusals names the code. */
function documents({ operation }: Described, code: ProblemCode): boolean {
  return Object.values(operation.responses).some(({ description }) =>
    description.includes(`\`${code}\``),
  );
}

describe.each(operations)("%s", (_id, described) => {
  const sample = sampleOf(described);
  const provocations = PROVOCATIONS.flatMap(({ code, site = "serving", wrong }) => {
    const change = documents(described, code) ? wrong(sample, described) : null;
    return change === null
      ? []
      : [[code, site, { token: undefined, ...sample, ...change }] as const];
  });

  test.each(provocations)("refuses with %s when the server is %s", async (code, site, sent) => {
    // The first request is granted by the strictest rate too.
    if (site === "strict") await provoke(site, sent);
    const answer = await provoke(site, sent);
    expect(answer.body, answer.text).toMatchObject({ code });
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
  });

  const roles = documents(described, "role-not-allowed")
    ? [described.method === "GET" ? "nobody" : "auditor"]
    : [];
  test.each(roles)("asks for another role than %s", async (role) => {
    const { body, status } = await provoke("serving", { ...sample, token: await tokenFor(role) });
    // Who may do it can depend on the thing itself, which is not there.
    expect(status === 403 || status === 404, JSON.stringify(body)).toBe(true);
  });
});
