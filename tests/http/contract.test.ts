/** The check of answers against the OpenAPI document notices what it should: each kind of untruth, planted, is found. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contractOf } from "../support/openapi/contract.ts";
import type { Contract, Exchange } from "../support/openapi/contract.ts";
import { openApiDocument } from "../support/openapi/document.ts";
import { tableOf } from "../support/openapi/coverage.ts";
import { asking, embeddedServer, PARCEL, publish } from "./server.ts";
import type { TestServer } from "./server.ts";

let server: TestServer;
let contract: Contract;
let honest: Exchange;
let refusal: Exchange;

beforeAll(async () => {
  server = await embeddedServer();
  contract = contractOf(await openApiDocument());
  const ask = asking(server);
  await publish(ask, PARCEL);
  const request = { process: "parcel", data: { to: "Ann" } };
  const created = await ask("/v1/work-orders", { body: request });
  const at = { method: "POST", path: "/v1/work-orders" };
  honest = { ...at, status: created.status, headers: created.headers, body: created.text };
  const refused = await ask("/v1/work-orders", { body: { ...request, process: "none" } });
  refusal = { ...at, status: refused.status, headers: refused.headers, body: refused.text };
});
afterAll(() => server.close());

function edited(exchange: Exchange, more: object): Exchange {
  return { ...exchange, body: JSON.stringify({ ...JSON.parse(exchange.body ?? ""), ...more }) };
}

function withHeaders({ headers, ...rest }: Exchange, more: Record<string, string | null>) {
  const changed = new Headers(headers);
  for (const [name, value] of Object.entries(more)) {
    if (value === null) changed.delete(name);
    else changed.set(name, value);
  }
  return { ...rest, headers: changed };
}

describe("an answer", () => {
  test("that is as documented passes", () => {
    expect(contract.violations(honest)).toEqual([]);
    expect(contract.violations(refusal)).toEqual([]);
    expect(contract.cellOf(honest)).toBe("createWorkOrder 201");
  });

  test.each<[string, (exchange: Exchange) => Exchange, RegExp]>([
    ["an undocumented status", (it) => ({ ...it, status: 202 }), /status 202/],
    ["an undocumented member", (it) => edited(it, { mood: "good" }), /additional properties/],
    ["a member of another type", (it) => edited(it, { revision: "1" }), /revision must be/],
    ["an instant that is none", (it) => edited(it, { createdAt: "today" }), /createdAt must match/],
    ["a status that is none", (it) => edited(it, { status: "lost" }), /status must be equal/],
    ["a nested member of another type", (it) => edited(it, { jobs: [{ id: 1 }] }), /jobs\/0/],
    ["no body", (it) => ({ ...it, body: "" }), /does not fit/],
    ["another media type", (it) => withHeaders(it, { "Content-Type": "text/html" }), /text\/html/],
    ["an undocumented header", (it) => withHeaders(it, { "X-Debug": "1" }), /x-debug/],
    ["no request id", (it) => withHeaders(it, { "X-Request-Id": null }), /X-Request-Id is missing/],
  ])("with %s is found", (_what, planted, found) => {
    expect(contract.violations(planted(honest)).join("\n")).toMatch(found);
  });

  test.each<[string, object]>([
    ["another status than its answer", { status: 409 }],
    ["a code that this operation does not document", { code: "order-closed" }],
    ["no detail", { detail: undefined }],
  ])("that is a problem with %s is found", (_what, more) => {
    expect(contract.violations(edited(refusal, more))).not.toEqual([]);
  });

  test("from an address that is not documented must be a problem", () => {
    const away = { ...refusal, path: "/v1/nothing", body: "<h1>Not found</h1>" };
    expect(contract.violations(away)).not.toEqual([]);
  });
});

describe("the table at the end of a run", () => {
  test("counts over all workers and names what was not seen", () => {
    const documented = ["a 200", "a 404", ...Array.from({ length: 18 }, (_, at) => `b${at} 200`)];
    const table = tableOf([
      { documented, seen: documented.slice(0, 10) },
      { documented, seen: documented.slice(8).filter((cell) => cell !== "b3 200") },
      { documented, seen: ["b3 200"] },
    ]);
    expect(table.at(-1)).toBe("openapi: 19 operations, 20 of 20 operation x status seen");
    const lacking = tableOf([{ documented, seen: documented.slice(1) }]);
    expect(lacking).toContain("  200  18 of 19   missing: a");
    expect(lacking.at(-1)).toBe("openapi: 19 operations, 19 of 20 operation x status seen");
  });
});
