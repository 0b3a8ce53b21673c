/** What the operator decides about the edge: how often a caller may ask, whose pages may, what every answer carries. */

import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApp } from "../../src/http/app.ts";
import type { EdgeOptions, Routes } from "../../src/http/context.ts";
import { createPlaces } from "../../src/http/places.ts";
import { addressBlock } from "../../src/http/remote-address.ts";
import type { AddressBlock } from "../../src/http/remote-address.ts";
import { tokenReader } from "../../src/http/token.ts";
import { tokenBuckets } from "../../src/http/token-bucket.ts";
import type { Engine } from "../../src/runtime/engine.ts";
import { systemClock } from "../../src/runtime/platform.ts";
import { asking, embeddedServer, key, tokenFor } from "./server.ts";
import type { Asking, TestServer } from "./server.ts";
import { cpuMsUntil } from "../support/cpu-time.ts";

let server: TestServer;

beforeAll(async () => {
  server = await embeddedServer();
});
afterAll(() => server.close());

/** Another door to the same engine. */
function edged(
  edge: EdgeOptions,
  engine: Engine = server.engine,
): { readonly app: Routes; readonly ask: Asking } {
  const app = createApp({
    ...{ engine, edge, log: pino({ level: "silent" }), version: "0", stage: () => "serving" },
    readToken: tokenReader(key),
    ...{
      clock: systemClock,
      stopping: new AbortController().signal,
      places: createPlaces({ max: 100 }),
    },
  });
  return { app, ask: asking({ app }) };
}

describe("a token bucket", () => {
  test("lets a burst through, then so many per second, and says when to come back", () => {
    let now = 0;
    const take = tokenBuckets({ perSecond: 2, burst: 3 }, () => now);
    expect([take("a"), take("a"), take("a")].map(({ granted }) => granted)).toEqual([
      true,
      true,
      true,
    ]);
    expect(take("a")).toEqual({ granted: false, left: 0, waitMs: 500 });
    now = 499;
    expect(take("a").granted).toBe(false);
    now = 500;
    expect(take("a")).toEqual({ granted: true, left: 0, waitMs: 500 });
    now = 1_000_000;
    expect(take("a").left).toBe(2);
  });

  test("of one key takes nothing from another", () => {
    const take = tokenBuckets({ perSecond: 1, burst: 1 }, () => 0);
    expect([take("a"), take("a"), take("b")].map(({ granted }) => granted)).toEqual([
      true,
      false,
      true,
    ]);
  });

  test("gives nothing for a clock that goes back", () => {
    let now = 1_000;
    const take = tokenBuckets({ perSecond: 1, burst: 1 }, () => now);
    take("a");
    now = 0;
    expect(take("a").granted).toBe(false);
  });

  test("keeps memory for ten thousand keys, however many come", () => {
    let now = 0;
    const take = tokenBuckets({ perSecond: 0.001, burst: 1 }, () => now);
    take("first");
    for (let n = 0; n < 9_999; n += 1) take(`key-${n}`);
    expect(take("first").granted).toBe(false);
    for (let n = 0; n < 100_000; n += 1) {
      now += 1;
      take(`made-up-${n}`);
    }
    // Forgotten, and so full again: what is kept is bounded.
    expect(take("key-1").granted).toBe(true);
  });
});

describe("a caller's rate", () => {
  test("is its own: who asks too often is told when to come back, and nobody else notices", async () => {
    const { ask } = edged({ rate: { perSecond: 0.5, burst: 3 } });
    const token = await tokenFor("admin", { sub: "busy" });
    const again = await tokenFor(["admin", "manager"], { sub: "busy" });
    const statuses = [];
    for (const each of [token, again, token]) {
      const answer = await ask("/v1/definitions", { token: each });
      statuses.push(answer.status, answer.headers.get("ratelimit"));
    }
    expect(statuses).toEqual([
      ...[200, '"caller";r=2;t=0', 200, '"caller";r=1;t=0'],
      ...[200, '"caller";r=0;t=2'],
    ]);
    const refused = await ask("/v1/definitions", { token: again });
    expect([refused.status, refused.body.code]).toEqual([429, "rate-limited"]);
    expect(refused.headers.get("retry-after")).toBe("2");
    expect(refused.headers.get("ratelimit-policy")).toBe('"caller";q=3;w=6');
    expect(refused.body.retryable).toBe(true);
    expect((await ask("/v1/definitions", { token: await tokenFor("admin") })).status).toBe(200);
    expect((await ask("/healthz", { token: null })).status).toBe(200);
  });
});

describe("failed authentications", () => {
  const from = (remoteAddress: string) => ({
    incoming: { complete: true, destroyed: false, socket: { remoteAddress } },
  });

  function asker(edge: EdgeOptions = {}) {
    const { app } = edged(edge);
    return async (address: string, token: string, headers = {}): Promise<number> => {
      const all = { ...headers, Authorization: `Bearer ${token}` };
      return (await app.request("/v1/definitions", { headers: all }, from(address))).status;
    };
  }

  async function spend(ask: (n: number) => Promise<number>): Promise<readonly number[]> {
    const statuses = [];
    for (let n = 0; n < 70; n += 1) statuses.push(await ask(n));
    return statuses;
  }

  test("are limited by address, and a good token from there goes on", async () => {
    const ask = asker();
    const statuses = await spend((n) => ask("203.0.113.7", `made-up-${n}`));
    expect(statuses.slice(0, 60).every((status) => status === 401)).toBe(true);
    expect(statuses.slice(65).every((status) => status === 429)).toBe(true);
    expect(await ask("203.0.113.7", await tokenFor("admin"))).toBe(200);
    expect(await ask("203.0.113.8", "made-up")).toBe(401);
  });

  test("of one IPv6 network are one caller's", async () => {
    const ask = asker();
    const statuses = await spend((n) => ask(`2001:db8:1:2::${n.toString(16)}`, "x.y.z"));
    expect(statuses.at(-1)).toBe(429);
    expect(await ask("2001:db8:1:3::1", "x.y.z")).toBe(401);
  });

  test("are counted behind a proxy by the address that it saw, and nobody else's word", async () => {
    const trustedProxies = blocks("10.0.0.0/8", "::1");
    const ask = asker({ trustedProxies });
    const forwarded = (by: string) => ({ "X-Forwarded-For": by });
    // What stands before the proxy's own entry, the caller may have made up.
    const statuses = await spend((n) =>
      ask("10.0.0.1", "x", forwarded(`198.51.100.${n}, 203.0.113.7`)),
    );
    expect(statuses.at(-1)).toBe(429);
    expect(await ask("10.0.0.1", "x", forwarded("203.0.113.8, 10.1.1.1"))).toBe(401);
    expect(await ask("203.0.113.7", "x", forwarded("192.0.2.1"))).toBe(429);
    expect(await ask("::1", "x", forwarded("nonsense"))).toBe(401);
  });

  test("of a token of a megabyte end at once", async () => {
    const ask = asker();
    const header = Buffer.from('{"alg":"HS256"}').toString("base64url");
    const token = `${header}.${"a".repeat(1_048_576)}.x`;
    const took = await cpuMsUntil(async () => expect(await ask("203.0.113.9", token)).toBe(401));
    expect(took).toBeLessThan(100);
  });
});

function blocks(...texts: readonly string[]): readonly AddressBlock[] {
  return texts.map(addressBlock).filter((block) => block !== null);
}

describe("pages of other origins", () => {
  const desk = "https://desk.example.com";
  const preflight = {
    token: null,
    method: "OPTIONS",
    headers: { Origin: desk, "Access-Control-Request-Method": "POST" },
  } as const;

  test("may not ask, unless the operator names them", async () => {
    const { app, ask } = edged({});
    const answer = await ask("/v1/definitions", { headers: { Origin: desk } });
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    const asked = await app.request("/v1/definitions", preflight);
    expect(asked.status).toBeGreaterThanOrEqual(400);
    expect(asked.headers.get("access-control-allow-origin")).toBeNull();
  });

  test("that are named may, and read what they need", async () => {
    const { app, ask } = edged({ corsOrigins: [desk] });
    const allowed = await app.request("/v1/work-orders", preflight);
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get("access-control-allow-origin")).toBe(desk);
    expect(allowed.headers.get("access-control-allow-headers")).toContain("Idempotency-Key");
    expect(allowed.headers.get("access-control-allow-credentials")).toBeNull();
    const read = await ask("/v1/definitions", { headers: { Origin: desk } });
    expect(read.headers.get("access-control-allow-origin")).toBe(desk);
    for (const name of ["ETag", "Retry-After", "Idempotency-Replayed", "X-Request-Id"]) {
      expect(read.headers.get("access-control-expose-headers")).toContain(name);
    }
    const refused = await ask("/v1/definitions", { token: null, headers: { Origin: desk } });
    expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([
      401,
      desk,
    ]);
  });

  test.each(["https://desk.example.com.evil.example", "http://desk.example.com", "null", ""])(
    "that are not named may not: %j",
    async (origin) => {
      const { app, ask } = edged({ corsOrigins: [desk] });
      const headers = { Origin: origin };
      const answer = await ask("/v1/definitions", { headers });
      expect(answer.headers.get("access-control-allow-origin")).toBeNull();
      expect(answer.headers.get("vary")).toContain("Origin");
      const asked = await app.request("/v1/definitions", {
        method: "OPTIONS",
        headers: { ...headers, "Access-Control-Request-Method": "POST" },
      });
      expect(asked.headers.get("access-control-allow-origin")).toBeNull();
    },
  );
});

describe("every answer", () => {
  test("guards browsers, whatever went wrong", async () => {
    const readStale = (): never => {
      throw new Error("a defect");
    };
    const broken = { ...server.engine, readStale };
    const { ask } = edged({ hstsSeconds: 3600 }, broken);
    const defect = "/v1/work-orders/01980c3e-6c1a-7000-8000-0123456789ab";
    const statuses = [];
    for (const [path, token] of [
      ["/healthz", null],
      ["/nothing", null],
      ["/v1/definitions", null],
      ["/v1/definitions?x=1", undefined],
      [defect, undefined],
    ] as const) {
      const { status, headers } = await ask(path, token === null ? { token } : {});
      statuses.push(status);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(headers.get("strict-transport-security")).toBe("max-age=3600; includeSubDomains");
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("x-request-id")).toMatch(/^[\w-]{36}$/);
    }
    expect(statuses).toEqual([200, 404, 401, 422, 500]);
  });

  test("binds no host to HTTPS unless the operator says so", async () => {
    const { ask } = edged({});
    expect((await ask("/healthz")).headers.get("strict-transport-security")).toBeNull();
  });

  test("says in a problem which request it was, and takes no name that could harm a log", async () => {
    const { ask } = edged({});
    for (const [given, isTaken] of [
      ["mine-1", true],
      ["a b", false],
      ['"};evil', false],
      ["x".repeat(300), false],
    ] as const) {
      const { body, headers } = await ask("/v1/nothing", { headers: { "X-Request-Id": given } });
      expect(body.requestId).toBe(headers.get("x-request-id"));
      expect(body.requestId === given).toBe(isTaken);
    }
  });
});
