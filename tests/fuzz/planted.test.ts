/** The fuzzer finds what it is for: each kind of defect, planted in a server, is reported within some hundred requests. */

import fc from "fast-check";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createPlaces } from "../../src/http/places.ts";
import { contractOf } from "../support/openapi/contract.ts";
import { openApiDocument } from "../support/openapi/document.ts";
import type { OpenApiDocument } from "../support/openapi/document.ts";
import { embeddedServer } from "../http/server.ts";
import type { TestServer } from "../http/server.ts";
import { drawnRequests } from "./requests.ts";
import { createWorld, type Line } from "./world.ts";

const MOST_REQUESTS = 1_200;
const SEED = 7;

let document: OpenApiDocument;
let server: TestServer;

beforeAll(async () => {
  document = await openApiDocument();
  const places = createPlaces({ max: 1000 });
  server = await embeddedServer({ places }, undefined, { evidencePatienceMs: 0 });
});
afterAll(() => server.close());

/** @returns the first thing that is found wrong; "" when nothing is */
async function hunt(through: Line): Promise<string> {
  const world = await createWorld(
    document,
    contractOf(document),
    () => Promise.resolve(through),
    server,
  );
  await world.reset();
  for (const drawn of fc.sample(drawnRequests(document), { seed: SEED, numRuns: MOST_REQUESTS })) {
    const [wrong] = await world.send(drawn);
    if (wrong !== undefined) return wrong;
  }
  return "";
}

const honest = async (url: string, init: RequestInit): Promise<Response> =>
  server.app.request(url, init);

/** Changes the answers to one kind of request, and leaves the others as they are. */
function where(
  concerns: (url: string, response: Response) => boolean,
  change: (response: Response) => Promise<Response>,
): Line {
  return async (url, init) => {
    const response = await honest(url, init);
    return concerns(url, response) ? change(response) : response;
  };
}

async function edited(response: Response, more: object): Promise<Response> {
  const { status, headers } = response;
  return new Response(JSON.stringify({ ...(await response.json()), ...more }), { status, headers });
}

describe("the fuzzer", () => {
  test("finds nothing in an honest server", async () => {
    expect(await hunt(honest)).toBe("");
  });

  test.each<[string, Line, RegExp]>([
    [
      "an answer of 500",
      where(
        (_url, { status }) => status === 409,
        (response) =>
          Promise.resolve(new Response("{}", { status: 500, headers: response.headers })),
      ),
      /status 500/,
    ],
    [
      "a member that is not documented",
      where(
        (url, { ok }) => ok && /\/v1\/incidents/.test(url),
        (response) => edited(response, { total: 1 }),
      ),
      /additional properties/,
    ],
    [
      "a problem whose status is another",
      where(
        (_url, { status }) => status === 422,
        (response) => edited(response, { status: 400 }),
      ),
      /status/,
    ],
    [
      "a refusal that is no problem document",
      where(
        (_url, { status }) => status === 404,
        ({ headers }) => Promise.resolve(new Response("Not found", { status: 404, headers })),
      ),
      /does not fit|no problem document/,
    ],
    [
      "an effect of what was refused",
      where(
        (_url, { status }) => status === 403,
        async (response) => {
          await sql`update orders set business_key = business_key || '!'`.execute(
            server.database.db,
          );
          return response;
        },
      ),
      /an effect of what was refused or read: orders/,
    ],
    [
      "an effect of reading",
      where(
        (url, { ok }) => ok && url.includes("/history"),
        async (response) => {
          await sql`delete from timers`.execute(server.database.db);
          return response;
        },
      ),
      /an effect of what was refused or read: timers/,
    ],
    [
      "an answer that never comes",
      async (url, init) =>
        url.includes("/verify") ? new Promise<Response>(() => {}) : honest(url, init),
      /no answer within/,
    ],
    [
      "an answer that never ends",
      where(
        (_url, { status }) => status === 406,
        ({ status, headers }) =>
          Promise.resolve(new Response(new ReadableStream(), { status, headers })),
      ),
      /no answer within/,
    ],
    [
      "a connection that is cut",
      async (url, init) =>
        init.body instanceof Uint8Array && init.body.byteLength > 1_048_576
          ? Promise.reject(new TypeError("fetch failed"))
          : honest(url, init),
      /no answer: fetch failed/,
    ],
    [
      "an effect of a preview",
      where(
        (url, { ok }) => ok && url.endsWith(":preview"),
        async (response) => {
          await sql`update orders set business_key = 'previewed'`.execute(server.database.db);
          return response;
        },
      ),
      /an effect of what was refused or read: orders/,
    ],
  ])("finds %s", async (_what, planted, found) => {
    expect(await hunt(planted)).toMatch(found);
  });
});
