/** The walls that every request passes: who asks, in what form, and how much; each refusal is a problem document. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { problemSchema } from "../../src/http/schemas/problem.ts";
import { StoreBusy, StoreUnavailable } from "../../src/store/errors.ts";
import type { Stage } from "../../src/http/context.ts";
import { createPlaces } from "../../src/http/places.ts";
import { asking, embeddedServer, PARCEL, publish, tokenFor } from "./server.ts";
import type { Answer, Asking, TestServer } from "./server.ts";

let server: TestServer;
let ask: Asking;
let stage: Stage = "serving";

beforeAll(async () => {
  server = await embeddedServer({ stage: () => stage });
  ask = asking(server);
  await publish(ask, PARCEL);
});
afterAll(() => server.close());

function expectProblem(answer: Answer, status: number, code: string): void {
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(problemSchema.parse(answer.body)).toMatchObject({ status, code });
  expect(answer.status).toBe(status);
}

const order = "/v1/work-orders/01980c3e-6c1a-7000-8000-0123456789ab";
const publicPaths = ["/healthz", "/readyz", "/openapi.json"];

describe("authentication", () => {
  test("is asked of every route of the API, and of no other", async () => {
    type Methods = Readonly<Record<string, { readonly security?: readonly unknown[] }>>;
    const { paths } = (await ask("/openapi.json")).body;
    for (const [path, methods] of Object.entries<Methods>(paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        const response = await server.app.request(path.replaceAll(/\{\w+\}/g, "x"), {
          method: method.toUpperCase(),
        });
        const isOpen = operation.security?.length === 0;
        expect(isOpen, path).toBe(!path.startsWith("/v1/"));
        expect(response.status === 401, path).toBe(!isOpen);
      }
    }
  });

  test("says how, when there is no token and when it is not believed", async () => {
    const none = await ask(order, { token: null });
    expectProblem(none, 401, "authentication-required");
    expect(none.headers.get("www-authenticate")).toBe('Bearer realm="sevenstep"');
    for (const authorization of ["Bearer x.y.z", "Basic YTpi", "Bearer", "Bearer a b", "token"]) {
      const answer = await ask(order, { token: null, headers: { Authorization: authorization } });
      expectProblem(answer, 401, "authentication-required");
      expect(answer.headers.get("www-authenticate")).toContain('error="invalid_token"');
    }
  });

  test("comes before everything that the request says", async () => {
    const answer = await ask("/v1/nothing", { token: null, body: "{" });
    expectProblem(answer, 401, "authentication-required");
  });
});

describe("bodies", () => {
  const send = (body: string | Uint8Array<ArrayBuffer>, headers = {}): Promise<Answer> =>
    ask(`${order}/events`, { body, headers });

  test.each([
    ["no JSON", "{", "body-malformed"],
    ["a trailing comma", '{"type":"A",}', "body-malformed"],
    ["a duplicate key", '{"type":"A","type":"B"}', "body-key-duplicate"],
    ["a prototype key", '{"type":"A","payload":{"__proto__":{"x":1}}}', "body-key-forbidden"],
    ["U+0000", '{"type":"A\\u0000"}', "body-text-unsafe"],
    ["a lone surrogate", '{"type":"A","payload":{"x":"\\ud800"}}', "body-text-unsafe"],
    ["an infinite number", '{"type":"A","payload":{"x":1e999}}', "body-number-range"],
    ["33 levels", `{"type":"A","payload":${'{"a":'.repeat(32)}1${"}".repeat(33)}`, "body-too-deep"],
  ])("with %s are refused", async (_what, body, code) => {
    expectProblem(await send(body), 400, code);
  });

  test("that are not UTF-8 are refused", async () => {
    expectProblem(await send(Uint8Array.of(0x7b, 0xff, 0x7d)), 400, "body-malformed");
  });

  test("that are no object, or lack a field, are refused by pointers", async () => {
    expectProblem(await send("[]"), 422, "request-invalid");
    const answer = await send('{"payload":[]}');
    expect(answer.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      "/type",
      "/payload",
    ]);
  });

  test("over 1 MiB are refused, with and without a length given", async () => {
    const big = JSON.stringify({ type: "A", payload: { x: "y".repeat(1_048_576) } });
    expectProblem(await send(big), 413, "body-too-large");
    expectProblem(await send(big, { "Content-Length": String(big.length) }), 413, "body-too-large");
  });

  test("of another media type are refused", async () => {
    for (const type of ["text/plain", "application/xml", "application/yaml"]) {
      expectProblem(await send("{}", { "Content-Type": type }), 415, "media-type-unsupported");
    }
    const bare = await server.app.request(`${order}/events`, {
      method: "POST",
      headers: { Authorization: `Bearer ${await tokenFor("admin")}` },
      body: new TextEncoder().encode('{"type":"A"}'),
    });
    expect(bare.status).toBe(415);
  });
});

describe("addresses", () => {
  test("that nothing is at are 404", async () => {
    expectProblem(await ask("/v1/nothing"), 404, "route-unknown");
    expectProblem(await ask("/nothing", { token: null }), 404, "route-unknown");
    expectProblem(await ask("/v1/work-orders/../../etc/passwd"), 404, "route-unknown");
  });

  test("with an id that can't be one are 404", async () => {
    for (const id of ["x", "%00", "..%2f..%2fetc", "01980c3e"]) {
      expectProblem(await ask(`/v1/work-orders/${id}`), 404, "not-found");
    }
  });

  test("with an instant that no clock here can show are refused by its name", async () => {
    for (const time of [
      "0000-01-01T00:00:00Z",
      "1969-12-31T23:59:59Z",
      "9999-12-31T23:59:59-01:00",
    ]) {
      const answer = await ask(`${order}/at?time=${time}`);
      expectProblem(answer, 422, "request-invalid");
      expect(answer.body.errors).toMatchObject([{ parameter: "time" }]);
      const clock = await ask("/v1/test-clocks", { method: "POST", body: { now: time } });
      expectProblem(clock, 422, "request-invalid");
      expect(clock.body.errors).toMatchObject([{ pointer: "/now" }]);
    }
  });

  test("that do not take the method are 405 and say what they take", async () => {
    const answer = await ask(order, { method: "DELETE" });
    expectProblem(answer, 405, "method-not-allowed");
    expect(answer.headers.get("allow")).toBe("GET, HEAD");
    expectProblem(await ask("/healthz", { method: "POST" }), 405, "method-not-allowed");
  });

  test("refuse query parameters that they do not know", async () => {
    const answer = await ask(`${order}?expand=all`);
    expectProblem(answer, 422, "request-invalid");
    expect(answer.body.errors).toEqual([{ parameter: "expand", message: "unknown here" }]);
  });
});

describe("answers", () => {
  test("are refused where the caller accepts no JSON", async () => {
    expectProblem(await ask(order, { headers: { Accept: "text/html" } }), 406, "not-acceptable");
  });

  test("carry a request id, the caller's own where it gives one", async () => {
    expect((await ask("/healthz")).headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    const given = await ask("/healthz", { headers: { "X-Request-Id": "mine-1" } });
    expect(given.headers.get("x-request-id")).toBe("mine-1");
  });

  test("are stored nowhere, framed nowhere and sniffed by nobody", async () => {
    for (const path of [...publicPaths, order]) {
      const { headers } = await ask(path);
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("x-frame-options")).toBe("DENY");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    }
  });

  test("title a problem in the caller's language", async () => {
    const answer = await ask("/v1/nothing", { headers: { "Accept-Language": "zh-CN" } });
    expect(answer.body.title).toBe("地址不存在");
    expect(answer.headers.get("content-language")).toBe("zh");
    const { type } = answer.body;
    expect((await ask(type, { token: null })).body).toMatchObject({ code: "route-unknown" });
  });
});

describe("the server's own troubles", () => {
  test("are told before it serves and after it is told to stop, and it stays alive", async () => {
    stage = "starting";
    expectProblem(await ask(order), 503, "starting");
    expect((await ask("/readyz")).status).toBe(503);
    stage = "stopping";
    expectProblem(await ask(order), 503, "shutting-down");
    expect((await ask("/readyz")).status).toBe(503);
    expect((await ask("/healthz")).status).toBe(200);
    stage = "serving";
    expect((await ask("/readyz")).status).toBe(200);
  });

  test.each([
    ["that is away", new StoreUnavailable("gone")],
    // What PostgreSQL says when a lock was not given within `lock_timeout`.
    [
      "that a migration holds up",
      Object.assign(new Error("canceling statement"), { code: "55P03" }),
    ],
  ])("of a database %s are 503 with the time to come back", async (_, trouble) => {
    const readStale = (): never => {
      throw trouble;
    };
    const { engine } = server;
    const away = await embeddedServer({
      engine: { ...engine, readStale },
    });
    const answer = await asking(away)(order);
    expectProblem(answer, 503, "database-unavailable");
    expect(answer.headers.get("retry-after")).toBe("1");
    expect(answer.body.retryable).toBe(true);
    await away.close();
  });

  test("that are defects are 500, and keep their cause to themselves", async () => {
    const readStale = (): never => {
      throw new Error("secret detail");
    };
    const { engine } = server;
    const broken = await embeddedServer({
      engine: { ...engine, readStale },
    });
    const answer = await asking(broken)(order);
    expectProblem(answer, 500, "internal-error");
    expect(answer.text).not.toContain("secret detail");
    expect(answer.body.detail).toContain(answer.headers.get("x-request-id"));
    await broken.close();
  });

  test("are 503 with a time to come back when more changes wait than the store takes on", async () => {
    const readStale = (): never => {
      throw new StoreBusy("More changes wait than will be written soon.");
    };
    const { engine } = server;
    const busy = await embeddedServer({ engine: { ...engine, readStale } });
    const answer = await asking(busy)(order);
    expectProblem(answer, 503, "overloaded");
    expect(answer.headers.get("retry-after")).toBe("1");
    await busy.close();
  });

  test("under too many requests at once are 503 for those over the bound only", async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const { engine } = server;
    const readStale: typeof engine.readStale = async (...asked) => {
      await gate;
      return engine.readStale(...asked);
    };
    const busy = await embeddedServer({
      engine: { ...engine, readStale },
      places: createPlaces({ max: 2 }),
    });
    const token = await tokenFor("admin");
    const three = [1, 2, 3].map(() => asking(busy)(order, { token }));
    expectProblem(await Promise.race(three), 503, "overloaded");
    const unread = await asking(busy)(order, { token: "nobody-reads-it", body: "{" });
    expectProblem(unread, 503, "overloaded");
    expect(unread.headers.get("retry-after")).toBe("1");
    expect((await asking(busy)("/healthz", { token: null })).status).toBe(200);
    release();
    const statuses = (await Promise.all(three)).map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([404, 404, 503]);
    await busy.close();
  });
});
