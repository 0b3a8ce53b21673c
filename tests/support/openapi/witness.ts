/**
 * Sees every answer that a test gets from a server of ours, in this process or over a socket, and fails the test when the
 * OpenAPI document does not say so. What was seen is noted for the table at the end of the run.
 */

import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach } from "vitest";
import type { Routes } from "../../../src/http/context.ts";
import type { Contract, Exchange } from "./contract.ts";

/** Where the run collects what its workers saw. */
export const SEEN_FOLDER = "OPENAPI_SEEN";

const wrong: string[] = [];
const seen = new Set<string>();
let contract: Promise<Contract> | null = null;

/** Put before anything else that the test does with the application. */
export function witnessed(app: Routes): Routes {
  const answer = app.fetch;
  app.fetch = async (request, ...more) => {
    const response = await answer(request, ...more);
    return witness(request.method, request.url, response);
  };
  return app;
}

const fetchItself = globalThis.fetch;

globalThis.fetch = async (input, init) => {
  const response = await fetchItself(input, init);
  if (!isOurs(response)) return response;
  const request = input instanceof Request ? input : null;
  const url = input instanceof Request ? input.url : input;
  return witness(init?.method ?? request?.method ?? "GET", url, response);
};

afterEach(complain);

afterAll(async () => {
  const folder = process.env[SEEN_FOLDER];
  if (folder !== undefined && contract !== null) {
    const { cells } = await contract;
    const line = JSON.stringify({ documented: cells, seen: [...seen] });
    appendFileSync(join(folder, `${process.pid}.ndjson`), `${line}\n`);
  }
  complain();
});

function complain(): void {
  const all = wrong.splice(0);
  if (all.length > 0) throw new Error(`the OpenAPI document does not say so:\n${all.join("\n")}`);
}

/** Receivers of webhooks and the like answer too, but not with both of these. */
function isOurs({ headers }: Response): boolean {
  return headers.has("x-request-id") && headers.has("x-content-type-options");
}

/** @returns an answer like the one that was seen, its body not yet read */
async function witness(method: string, url: string | URL, response: Response): Promise<Response> {
  contract ??= loadContract();
  const { violations, cellOf } = await contract;
  const { status, headers } = response;
  const isStream = headers.get("content-type")?.startsWith("text/event-stream") === true;
  const bytes = isStream ? null : await response.arrayBuffer();
  const body = bytes === null ? null : new TextDecoder().decode(bytes);
  const exchange: Exchange = { method, path: new URL(url).pathname, status, headers, body };
  const cell = cellOf(exchange);
  if (cell !== null) seen.add(cell);
  wrong.push(
    ...violations(exchange).map((what) => `${method} ${exchange.path} ${status}: ${what}`),
  );
  if (bytes === null) return response;
  const isEmpty = bytes.byteLength === 0 || method === "HEAD";
  return new Response(isEmpty ? null : bytes, { status, headers });
}

/** Only where an answer is seen: most tests ask no server. */
async function loadContract(): Promise<Contract> {
  const [{ contractOf }, { openApiDocument }] = await Promise.all([
    import("./contract.ts"),
    import("./document.ts"),
  ]);
  return contractOf(await openApiDocument());
}
