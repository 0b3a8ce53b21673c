/** Where a request leaves its schema, the problem says the place, what was expected there, and what was found. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asking, embeddedServer } from "./server.ts";
import type { Asking, TestServer } from "./server.ts";

let server: TestServer;
let ask: Asking;

beforeAll(async () => {
  server = await embeddedServer();
  ask = asking(server);
});
afterAll(() => server.close());

const ID = "01980c3e-6c1a-7000-8000-0123456789ab";

describe("a body that does not fit", () => {
  test.each([
    ["/v1/work-orders", {}, "/process", "expected a text, found none"],
    ["/v1/work-orders", { process: "a", version: null }, "/version", "expected a text, found null"],
    ["/v1/work-orders", { process: "a", id: "x" }, "/id", 'expected a UUID, found "x"'],
    [
      "/v1/work-orders",
      { process: "Ab" },
      "/process",
      'expected a text that matches `/^[a-z][a-z0-9-]{0,99}$/`, found "Ab"',
    ],
    ["/v1/work-orders", [], "", "expected an object, found an empty list"],
    ["/v1/jobs/claim", { types: "print" }, "/types", 'expected a list, found "print"'],
    ["/v1/jobs/claim", { types: [] }, "/types", "expected at least 1 item, found an empty list"],
    ["/v1/jobs/claim", { types: ["a"], max: 101 }, "/max", "expected at most 100, found 101"],
    ["/v1/jobs/claim", { types: ["a"], max: 1.5 }, "/max", "expected a whole number, found 1.5"],
    ["/v1/incidents/x/retry", { reason: "" }, "/reason", 'expected at least 1 character, found ""'],
    ["/v1/jobs/x/fail", { error: 7 }, "/error", "expected an object or a text, found 7"],
    ["/v1/jobs/x/fail", { error: { code: "a" } }, "/error/message", "expected a text, found none"],
    [
      "/v1/jobs/x/fail",
      { error: { code: "a b", message: "" } },
      "/error/code",
      /^expected letters/,
    ],
    ["/v1/events:batch", 7, "", "expected an object or a list, found 7"],
    ["/v1/events:batch", [{ id: ID }], "/0/type", "expected a text, found none"],
    [
      "/v1/messages",
      { name: "A", correlation: { a: {} } },
      "/correlation/a",
      "expected a text, a number or true or false, found an object",
    ],
  ])("%s %j", async (path, body, pointer, message) => {
    const answer = await ask(path, { body });
    expect([answer.status, answer.body.errors]).toEqual([
      422,
      [{ pointer, message: message instanceof RegExp ? expect.stringMatching(message) : message }],
    ]);
  });
});

describe("a query that does not fit", () => {
  test.each([
    ["limit=0", "limit", 'expected at least 1, found "0"'],
    ["limit=501", "limit", 'expected at most 500, found "501"'],
    ["limit=1&limit=2", "limit", "expected a text, found a list of 2"],
    ["status=open", "status", 'expected `active`, `done` or `incident`, found "open"'],
    ["overdue=yes", "overdue", 'expected `true` or `false`, found "yes"'],
    ["colour=red", "colour", "unknown here"],
  ])("%s", async (query, parameter, message) => {
    const answer = await ask(`/v1/work-orders?${query}`);
    expect([answer.status, answer.body.errors]).toEqual([422, [{ parameter, message }]]);
  });
});

describe("no body", () => {
  test.each([
    ["without a media type", {}],
    ["with the media type of JSON", { "Content-Type": "application/json" }],
  ])("%s is an empty object", async (_what, headers) => {
    const post = (path: string) => ask(path, { method: "POST", headers });
    const made = await post("/v1/test-clocks");
    expect(made.status, made.text).toBe(201);
    const unfit = await post("/v1/work-orders");
    expect(unfit.body.errors).toEqual([
      { pointer: "/process", message: "expected a text, found none" },
    ]);
  });
});
