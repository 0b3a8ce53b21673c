/**
 * Thousands of requests drawn from the OpenAPI document, honest, spoilt and hostile: none is answered with a 5xx or not at
 * all, every answer is as documented, and what is refused has no effect. `FUZZ=100000` is the long run.
 */

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contractOf } from "../support/openapi/contract.ts";
import type { Contract } from "../support/openapi/contract.ts";
import { openApiDocument } from "../support/openapi/document.ts";
import type { OpenApiDocument } from "../support/openapi/document.ts";
import { listen } from "../../src/http/listen.ts";
import { progressOf } from "./progress.ts";
import { drawnRequests } from "./requests.ts";
import { createWorld } from "./world.ts";
import type { World } from "./world.ts";

const REQUESTS = Number(process.env["FUZZ"] ?? 2_000);
const SEED = Number(process.env["FUZZ_SEED"] ?? 20_261_122);
const PER_WALK = 40;
/** `FUZZ_SHRINK=1` looks for the shortest walk that fails, which takes thousands of requests more. */
const SHRINKS = process.env["FUZZ_SHRINK"] === "1";

let document: OpenApiDocument;
let contract: Contract;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  document = await openApiDocument();
  contract = contractOf(document);
});
afterAll(async () => {
  for (const close of closing.toReversed()) await close();
});

async function walk(world: World, requests: number): Promise<void> {
  const progress = progressOf(world);
  const walks = fc.array(drawnRequests(document), { minLength: PER_WALK, maxLength: PER_WALK });
  const holds = fc.asyncProperty(walks, async (drawn) => {
    await world.reset();
    for (const each of drawn) {
      expect(await world.send(each)).toEqual([]);
      progress.tell();
    }
  });
  const numRuns = Math.ceil(requests / PER_WALK);
  await fc.assert(holds, { seed: SEED, numRuns, endOnFailure: !SHRINKS });
  progress.sum();
}

describe("a server under hostile requests", () => {
  test("stays honest in process", { timeout: 3_600_000 }, async () => {
    const world = await createWorld(document, contract);
    closing.push(world.server.close);
    await walk(world, REQUESTS);
  });

  test("stays honest over real sockets", { timeout: 3_600_000 }, async () => {
    const world = await createWorld(document, contract, async ({ app }) => {
      const listening = await listen(app, { port: 0, host: "127.0.0.1" });
      closing.push(() => listening.drain(1_000));
      return (path, { headers, ...init }) => {
        const given = new Headers(headers);
        // The platform's client frames the message itself, and refuses to be told how.
        given.delete("Transfer-Encoding");
        return fetch(new URL(path, listening.url), { ...init, headers: given });
      };
    });
    closing.unshift(world.server.close);
    await walk(world, Math.ceil(REQUESTS / 10));
  });
});
