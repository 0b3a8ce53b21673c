/** Requests drawn from the OpenAPI document: which operation, by whom, with what in each place, and how it is spoilt. */

import fc from "fast-check";
import type { Json } from "../../machines/json.ts";
import type { OpenApiDocument, Parameter } from "../support/openapi/document.ts";
import { operationsOf } from "../support/openapi/sample.ts";
import type { Described } from "../support/openapi/sample.ts";
import { HOSTILE_TEXTS, POOLED, valueFor } from "./values.ts";

/** What is drawn: it shrinks, and means the same in every run; ids of earlier answers are filled in when it is sent. */
export interface Drawn {
  readonly operationId: string;
  readonly method: string;
  /** With its variables. */
  readonly path: string;
  readonly who: Who;
  /** By variable; `POOLED`: one that an earlier answer named. */
  readonly variables: { readonly [name: string]: string };
  readonly query: readonly (readonly [string, string])[];
  readonly headers: { readonly [name: string]: string };
  readonly body: Body | null;
  /** Which of the pooled things are meant. */
  readonly choice: number;
}

export type Body =
  | { readonly kind: "value"; readonly type: string; readonly value: Json; readonly spoilt: Spoilt }
  | { readonly kind: "bytes"; readonly type: string; readonly bytes: Uint8Array<ArrayBuffer> }
  /** What an honest client would send next: an event that is enabled, by a role that may; an order with fitting data. */
  | { readonly kind: "honest" };

export const CALLERS = [
  ...["admin", "designer", "manager", "auditor", "worker", "sender", "courier", "receiver"],
  ...["advisor", "customer", "technician", "lead", "runner", "nobody", "elsewhere"],
  ...["none", "expired", "altered", "foreign", "garbage"],
] as const;
export type Who = (typeof CALLERS)[number];

export const SPOILINGS = [
  ...["no", "cut", "doubled", "empty", "array", "text", "null", "trailing", "bom", "utf16"],
  ...["deep", "duplicate", "prototype", "nul", "surrogate", "infinite", "huge", "nan", "utf8"],
  ...["large", "number"],
] as const;
export type Spoilt = (typeof SPOILINGS)[number];

const TYPES = [
  ...["text/plain", "application/yaml", "", "application/json;charset=utf-16", "application/JSON"],
  ...["multipart/form-data", "application/problem+json", "*/*", "application/json, text/plain"],
];

const HEADERS: { readonly [name: string]: readonly string[] } = {
  "If-Match": ['"1"', '"2"', '"3"', "*", 'W/"1"', "1", '"', '"999999999999"', "x".repeat(3000)],
  "Idempotency-Key": ["a", "b", "c", "d", "", " ", "é".repeat(3), "k".repeat(400), '"q"', "a,b"],
  "Accept-Language": ["zh", "en;q=0", "zh;q=9", ",;q", "x".repeat(2000), "*"],
  Accept: ["application/json", "*/*", "application/*;q=0.1", "text/html", ";;", "application/yaml"],
  "X-Request-Id": ["mine", "", "é", "x".repeat(500), "a b;c=d"],
  "Last-Event-ID": ["0", "1", "-1", "999999999999999999999", "x"],
  Range: ["bytes=0-1"],
  "Transfer-Encoding": ["gzip"],
  Traceparent: ["00-x-y-01"],
};

export function drawnRequests(document: OpenApiDocument): fc.Arbitrary<Drawn> {
  const operations = operationsOf(document).map((described) => ({
    arbitrary: drawnFor(document, described),
    weight: OFTEN[described.operation.operationId] ?? 1,
  }));
  return fc.oneof(...operations);
}

/** What leads to states that the rest is about. */
const OFTEN: { readonly [operationId: string]: number } = {
  ...{ createWorkOrder: 3, sendEvent: 8, previewEvent: 2, sendEvents: 2 },
  ...{ claimJobs: 4, completeJob: 3, failJob: 3, sendMessage: 2, claimTask: 2 },
};

const caller: fc.Arbitrary<Who> = fc.oneof(
  { arbitrary: fc.constant("admin" as const), weight: 8 },
  { arbitrary: fc.constantFrom(...CALLERS), weight: 5 },
);

const headers = fc
  .tuple(
    ...Object.entries(HEADERS).map(([name, values]) =>
      fc.oneof(
        { arbitrary: fc.constant({}), weight: 8 },
        { arbitrary: fc.constantFrom(...values).map((value) => ({ [name]: value })), weight: 1 },
      ),
    ),
  )
  .map((all): { readonly [name: string]: string } => Object.assign({}, ...all));

function drawnFor(document: OpenApiDocument, described: Described): fc.Arbitrary<Drawn> {
  const parameters = described.operation.parameters ?? [];
  return fc.record({
    operationId: fc.constant(described.operation.operationId),
    method: fc.constant(described.method),
    path: fc.constant(described.path),
    who: caller,
    variables: fc.record(
      Object.fromEntries(
        parameters.filter((each) => each.in === "path").map((each) => [each.name, variable]),
      ),
    ),
    query: queryFor(
      document,
      parameters.filter((each) => each.in === "query"),
    ),
    headers,
    body: bodyFor(document, described),
    choice: fc.nat(1_000_000),
  });
}

const variable = fc.oneof(
  { arbitrary: fc.constant(POOLED), weight: 9 },
  { arbitrary: fc.constantFrom(...HOSTILE_TEXTS, "%", "%zz", "a/b", "a%2fb", "%c0%ae"), weight: 1 },
);

function queryFor(document: OpenApiDocument, parameters: readonly Parameter[]) {
  const known = parameters.map((each) =>
    fc
      .tuple(valueFor(document, each.schema), fc.nat(each.required === true ? 0 : 4))
      .map(([value, presence]) =>
        presence === 0
          ? [[each.name, typeof value === "string" ? value : JSON.stringify(value)] as const]
          : [],
      ),
  );
  const unknown = fc.oneof(
    { arbitrary: fc.constant([]), weight: 20 },
    {
      arbitrary: fc.constantFrom(...HOSTILE_TEXTS).map((text) => [[text, "1"] as const]),
      weight: 1,
    },
  );
  return fc.tuple(...known, unknown).map((all) => all.flat());
}

/** What would hardly ever be granted by chance. */
const HONEST: ReadonlySet<string> = new Set(["createWorkOrder", "sendEvent", "previewEvent"]);

function bodyFor(document: OpenApiDocument, { operation }: Described): fc.Arbitrary<Body | null> {
  const media = Object.entries(operation.requestBody?.content ?? {});
  if (media.length === 0) {
    const none = { arbitrary: fc.constant(null), weight: 9 };
    return fc.oneof(none, { arbitrary: fc.constant(bytesOf("{}")), weight: 1 });
  }
  const spoilt: fc.Arbitrary<Spoilt> = fc.oneof(
    { arbitrary: fc.constant("no" as const), weight: 12 },
    { arbitrary: fc.constantFrom(...SPOILINGS), weight: 2 },
  );
  const bodies = media.map(([type, { schema, example }]) =>
    fc.record({
      kind: fc.constant("value" as const),
      type: fc.oneof(
        { arbitrary: fc.constant(type), weight: 20 },
        { arbitrary: fc.constantFrom(...TYPES), weight: 1 },
      ),
      value:
        example === undefined
          ? valueFor(document, schema)
          : fc.oneof(fc.constant(example), valueFor(document, schema)),
      spoilt,
    }),
  );
  const all: fc.Arbitrary<Body | null>[] = [...bodies];
  if (HONEST.has(operation.operationId)) {
    return fc.oneof(fc.constant({ kind: "honest" as const }), ...all);
  }
  return fc.oneof(
    { arbitrary: fc.oneof(...all), weight: 20 },
    { arbitrary: fc.constant(null), weight: 1 },
    {
      arbitrary: fc.uint8Array({ maxLength: 40 }).map((bytes) => ({
        kind: "bytes" as const,
        type: media[0]?.[0] ?? "",
        bytes: Uint8Array.from(bytes),
      })),
      weight: 1,
    },
  );
}

function bytesOf(text: string): Body {
  return { kind: "bytes", type: "application/json", bytes: new TextEncoder().encode(text) };
}
