import { TrieRouter } from "hono/router/trie-router";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createRouter } from "../../src/http/router.ts";

const ROUTES = [
  ["ALL", "*"],
  ["ALL", "/v1/*"],
  ["GET", "/v1/orders"],
  ["POST", "/v1/orders/:id/events"],
  ["POST", "/v1/orders/:id/events:preview"],
  ["POST", "/v1/jobs/claim"],
  ["POST", "/v1/jobs/:id/extend"],
  ["GET", "/v1/jobs/:id"],
] as const;

const REQUESTS = [
  ["POST", "/v1/orders/7/events"],
  ["POST", "/v1/orders/7/events:preview"],
  ["POST", "/v1/orders/7/events:other"],
  ["POST", "/v1/orders/7/eventsx"],
  ["GET", "/v1/orders"],
  ["GET", "/v1/orders/"],
  ["POST", "/v1/jobs/claim"],
  ["GET", "/v1/jobs/claim"],
  ["POST", "/v1/jobs/claim/extend"],
  ["POST", "/v1/jobs/7:8/extend"],
  ["GET", "/v1/jobs/7:8"],
  ["PUT", "/v1/jobs/7"],
  ["GET", "/elsewhere"],
] as const;

afterEach(() => void vi.restoreAllMocks());

describe("createRouter", () => {
  test.each(REQUESTS)("finds for %s %s what Hono's thorough router finds", (method, path) => {
    const ours = createRouter<string>();
    const theirs = new TrieRouter<string>();
    for (const router of [ours, theirs]) {
      for (const [of, at] of ROUTES) router.add(of, at, `${of} ${at}`);
    }
    expect(found(ours.match(method, path))).toEqual(found(theirs.match(method, path)));
  });

  test("looks for the busy addresses by one expression", () => {
    const thorough = vi.spyOn(TrieRouter.prototype, "match");
    const router = createRouter<string>();
    for (const [of, at] of ROUTES) router.add(of, at, `${of} ${at}`);
    expect(found(router.match("POST", "/v1/orders/7/events"))).toHaveLength(3);
    expect(thorough).not.toHaveBeenCalled();
  });
});

/** With the values of their parameters. */
function found([handlers, stash]: ReturnType<ReturnType<typeof createRouter<string>>["match"]>) {
  return handlers.map(([handler, parameters]) => [
    handler,
    Object.fromEntries(
      Object.entries(parameters).map(([name, at]) => [
        name,
        typeof at === "number" ? stash?.[at] : at,
      ]),
    ),
  ]);
}
