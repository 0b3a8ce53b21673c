/** Evidence over HTTP: what is taken from a server verifies without it, and holds nothing that its caller may not see. */

import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readBundle } from "../../src/audit/evidence/read-bundle.ts";
import { replayBundle } from "../../src/audit/evidence/replay-bundle.ts";
import { verifyBundle } from "../../src/audit/evidence/verify-bundle.ts";
import { parseVerifierKey } from "../../src/audit/log/note-key.ts";
import { ownTag } from "../../src/runtime/keystore.ts";
import { openPgliteInMemory } from "../../src/store/pglite.ts";
import { startPython, type PythonVerifier } from "../evidence/python.ts";
import { memoryKeystore } from "../support/memory-keystore.ts";
import { memoryLogKeeping } from "../support/memory-log-keeping.ts";
import { pgliteTemplate } from "../support/pglite-template.ts";
import { asking, PARCEL, publish, serverOn, tokenFor } from "./server.ts";
import type { Asking, TestServer } from "./server.ts";

const keystore = memoryKeystore();
const logKeeping = memoryLogKeeping();

let server: TestServer;
let ask: Asking;
let python: PythonVerifier;

beforeAll(async () => {
  const database = await openPgliteInMemory(await pgliteTemplate());
  server = await serverOn(database, {}, (store) => store, { keystore, logKeeping });
  ask = asking(server);
  python = startPython();
  await publish(ask, PARCEL);
});
afterAll(async () => {
  await server.close();
  await python.stop();
});

async function parcel(centre?: string): Promise<string> {
  const body = {
    process: "parcel",
    data: { to: "Ada" },
    ...(centre === undefined ? {} : { centre }),
  };
  const { id } = (await ask("/v1/work-orders", { body })).body;
  const picked = await ask(`/v1/work-orders/${id}/events`, {
    token: await tokenFor("courier"),
    body: { type: "PICK_UP" },
  });
  expect(picked.status).toBe(200);
  return id;
}

async function logKey(): Promise<string> {
  return (await ask("/v1/audit/log-keys")).body.items.at(-1).key;
}

/** By both verifiers. */
async function proved(text: string) {
  const key = await logKey();
  const { accepted, said } = await python.verify(Buffer.from(text), [key]);
  expect([accepted, said]).toEqual([true, said]);
  const read = readBundle(Buffer.from(text));
  const verifier = parseVerifierKey(key);
  if (read.kind !== "bundle" || verifier === null) throw new Error(JSON.stringify(read));
  const verdict = verifyBundle(read.bundle, [verifier]);
  if (verdict.kind !== "proved") throw new Error(JSON.stringify(verdict));
  expect(replayBundle(read.bundle, verdict).kind).toBe("follows");
  return verdict;
}

describe("evidence", () => {
  test("verifies offline, with the log's key, and opens what its caller may see", async () => {
    const id = await parcel();
    const { status, text, headers } = await ask(`/v1/work-orders/${id}/evidence`, {
      headers: { Accept: "application/x-ndjson" },
    });
    expect([status, headers.get("content-type")]).toEqual([200, "application/x-ndjson"]);
    expect(headers.get("content-disposition")).toBe(`attachment; filename="${id}.ndjson"`);
    const { entries, opened, sealed } = await proved(text);
    expect(entries.map(({ type }) => type)).toEqual(["order.started", "PICK_UP"]);
    expect(opened).toMatchObject([{ revision: 1, pointer: "/data/to", value: "Ada" }]);
    expect(sealed).toBe(1);
  });

  test("opens nothing to an auditor, and proves the same", async () => {
    const id = await parcel();
    const token = await tokenFor("auditor");
    const { text } = await ask(`/v1/work-orders/${id}/evidence`, { token });
    expect(text).not.toContain("Ada");
    expect(await proved(text)).toMatchObject({ opened: [], sealed: 1 });
    const asked = await ask(`/v1/work-orders/${id}/evidence?disclose=/data/to`, { token });
    expect([asked.status, asked.body.code]).toEqual([403, "role-not-allowed"]);
  });

  test.each([
    ["none", 0],
    ["visible", 1],
    ["/data", 1],
    ["/data/to", 1],
  ])("opens what it is asked for: disclose=%s", async (disclose, count) => {
    const id = await parcel();
    const { text } = await ask(`/v1/work-orders/${id}/evidence?disclose=${disclose}`);
    expect((await proved(text)).opened).toHaveLength(count);
  });

  test("opens a value by its commitment", async () => {
    const id = await parcel();
    const { opened } = await proved((await ask(`/v1/work-orders/${id}/evidence`)).text);
    const [{ commitment } = { commitment: "" }] = opened;
    const { text } = await ask(`/v1/work-orders/${id}/evidence?disclose=${commitment}`);
    expect((await proved(text)).opened).toEqual(opened);
  });

  test("says where it finds nothing to open, and what it can't read", async () => {
    const id = await parcel();
    const path = `/v1/work-orders/${id}/evidence?disclose=`;
    const nowhere = await ask(`${path}/data/too`);
    expect([nowhere.status, nowhere.body.code]).toEqual([422, "disclosure-unknown"]);
    expect(nowhere.body.detail).toContain("/data/too");
    for (const disclose of ["data", "", "/data,", `${"/a,".repeat(100)}/a`, "0".repeat(63)]) {
      const { status, body } = await ask(path + encodeURIComponent(disclose));
      expect([disclose, status, body.code]).toEqual([disclose, 422, "request-invalid"]);
    }
  });

  test("still verifies when the person is erased", async () => {
    const id = await parcel();
    const before = await proved((await ask(`/v1/work-orders/${id}/evidence`)).text);
    expect(await keystore.destroy([ownTag(id)])).toBe(1);
    await expect
      .poll(async () => (await ask(`/v1/work-orders/${id}/evidence`)).text)
      .not.toContain("Ada");
    const after = await proved((await ask(`/v1/work-orders/${id}/evidence`)).text);
    expect(after).toMatchObject({ opened: [], entries: before.entries });
  });

  test("of an order in the archive is the same, to the byte", async () => {
    const id = await parcel();
    const courier = await tokenFor("courier");
    const body = { type: "DELIVER", payload: { signature: "Ada" } };
    await ask(`/v1/work-orders/${id}/events`, { token: courier, body });
    const living = await ask(`/v1/work-orders/${id}/evidence`);
    expect((await proved(living.text)).entries).toHaveLength(3);
    const all = { olderThanMs: -3_600_000, after: null, entries: 1_000 };
    await expect.poll(async () => (await server.store.archive.move(all)).orders).toBe(1);
    expect((await ask(`/v1/work-orders/${id}/evidence`)).text).toBe(living.text);
  });

  test("of an order of another centre looks absent", async () => {
    const id = await parcel("sh-01");
    const token = await tokenFor("admin", { centres: ["bj-01"] });
    const { status, body } = await ask(`/v1/work-orders/${id}/evidence`, { token });
    expect([status, body.code]).toEqual([404, "not-found"]);
  });

  test("is not given where what is stored was altered", async () => {
    const id = await parcel();
    await proved((await ask(`/v1/work-orders/${id}/evidence`)).text);
    await sql`update entries set line = replace(line, 'some-courier', 'another-courier') where order_id = ${id}`.execute(
      server.database.db,
    );
    const { status, body } = await ask(`/v1/work-orders/${id}/evidence`);
    expect([status, body.code]).toEqual([500, "history-diverged"]);
    expect(body.detail).toContain("entry 2");
  });

  test("opens no value that was put in the place of another", async () => {
    const [one, two] = [await parcel(), await parcel()];
    const { db } = server.database;
    const boxes = await sql<{
      box: Buffer;
    }>`select box from sealed_boxes where order_id = ${two}`.execute(db);
    await sql`update sealed_boxes set box = ${boxes.rows[0]?.box} where order_id = ${one}`.execute(
      db,
    );
    const { text } = await ask(`/v1/work-orders/${one}/evidence`);
    expect(await proved(text)).toMatchObject({ opened: [], sealed: 1 });
  });
});

test("evidence is not ready where no server signs the log", async () => {
  const database = await openPgliteInMemory(await pgliteTemplate());
  const { signer } = memoryLogKeeping();
  const without = {
    ...memoryLogKeeping(),
    signer: { ...signer, make: () => Promise.reject(new Error("no key is to be had")) },
  };
  const silent = await serverOn(database, {}, (store) => store, { keystore, logKeeping: without });
  try {
    const asked = asking(silent);
    await publish(asked, PARCEL);
    const body = { process: "parcel", data: { to: "Ada" } };
    const { id } = (await asked("/v1/work-orders", { body })).body;
    const { status, headers, body: problem } = await asked(`/v1/work-orders/${id}/evidence`);
    expect([status, problem.code, problem.retryable]).toEqual([503, "evidence-pending", true]);
    expect(headers.get("retry-after")).toBe("1");
  } finally {
    await silent.close();
  }
});
