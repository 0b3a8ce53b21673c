/** The log over HTTP: what an auditor who kept a key and a checkpoint needs to hold this server to its word. */

import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fromBase64 } from "../../src/audit/log/base64.ts";
import { readCheckpoint } from "../../src/audit/log/checkpoint.ts";
import { parseVerifierKey } from "../../src/audit/log/note-key.ts";
import { provesConsistency } from "../../src/audit/log/verify-proof.ts";
import { asking, embeddedServer, PARCEL, publish, type Asking, type TestServer } from "./server.ts";

let server: TestServer;
let ask: Asking;

beforeAll(async () => {
  server = await embeddedServer();
  server.engine.start();
  ask = asking(server);
  await publish(ask, PARCEL);
});
afterAll(async () => {
  await server.engine.stop();
  await server.close();
});

async function grownTo(size: number): Promise<void> {
  const body = { process: "parcel", data: { to: "Grace" } };
  while (((await server.engine.log.newest())?.size ?? 0) < size) {
    expect((await ask("/v1/work-orders", { body })).status).toBe(201);
    await sleep(50);
  }
}

describe("the log", () => {
  test("is read page by page, held against its key, and proved to have only grown", async () => {
    await grownTo(2);
    const [{ key, handover, since }] = (await ask("/v1/audit/log-keys")).body.items;
    expect({ handover, since }).toEqual({ handover: null, since: 0 });
    const verifier = parseVerifierKey(key);
    if (verifier === null) throw new Error(`expected a key, found ${key}`);
    const first = await ask("/v1/audit/checkpoints?limit=1");
    const [newest] = first.body.items;
    const next = await ask(`/v1/audit/checkpoints?limit=1&cursor=${first.body.nextCursor}`);
    const [before] = next.body.items;
    expect(before.size).toBeLessThan(newest.size);
    for (const { note, size, root } of [newest, before]) {
      const read = readCheckpoint(note, verifier);
      if (read.kind !== "checkpoint") throw new Error(`found ${read.kind}: ${note}`);
      expect(read.checkpoint.size).toBe(size);
      expect(fromBase64(root)).toEqual(read.checkpoint.root);
    }
    const proof = await ask(`/v1/audit/log-consistency?from=${before.size}&to=${newest.size}`);
    const rootOf = ({ size, root }: typeof newest) => ({ size, root: Buffer.from(root, "base64") });
    const path = proof.body.path.map((hash: string) => Buffer.from(hash, "base64"));
    expect(provesConsistency({ older: rootOf(before), newer: rootOf(newest), path })).toBe(true);
  });

  test("says what it has not, and what can't be", async () => {
    expect((await ask("/v1/audit/log-consistency?from=1&to=999999")).status).toBe(404);
    for (const query of ["from=2&to=1", "from=0&to=1", "from=1", "from=1&to=9999999999999999"]) {
      expect((await ask(`/v1/audit/log-consistency?${query}`)).status).toBe(422);
    }
    expect((await ask("/v1/audit/checkpoints?cursor=x")).status).toBe(422);
  });
});
