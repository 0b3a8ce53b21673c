/** Copies of one write under one key, many at once and some cut off: one answer for all, or to wait, and never a fault. */

import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listen, type Listening } from "../../src/http/listen.ts";
import { openPgliteInMemory } from "../../src/store/pglite.ts";
import { openPostgres } from "../../src/store/postgres.ts";
import { createDatabase } from "../support/databases.ts";
import { openApiDocument } from "../support/openapi/document.ts";
import { operationsOf } from "../support/openapi/sample.ts";
import { pgliteTemplate } from "../support/pglite-template.ts";
import { REQUESTS } from "./matrix/requests.ts";
import { makerOf, publishProcesses, type Maker, type Things } from "./matrix/things.ts";
import { serverOn, tokenFor, type TestServer } from "./server.ts";

const keyed = new Set(
  operationsOf(await openApiDocument())
    .filter(({ operation: { parameters = [] } }) =>
      parameters.some(({ name }) => name.toLowerCase() === "idempotency-key"),
    )
    .map(({ operation }) => operation.operationId),
);
/** The lines of a batch have keys of their own, and say each by itself what they were. */
const BATCH = "sendEvents";
const rows = Object.keys(REQUESTS).filter(
  (row) => row !== BATCH && keyed.has(row.split(":", 1)[0] ?? ""),
);

const COPIES = 8;
/** Every other copy is given up by its caller, each a little later. */
const CUT_AFTER_MS = 2;

describe.each(["pglite", "postgres"] as const)("eight copies of a write at once (%s)", (kind) => {
  let server: TestServer;
  let maker: Maker;
  let things: Things;
  let listening: Listening;
  const closing: (() => Promise<unknown>)[] = [];
  const faults: string[] = [];
  const log = pino({ level: "warn" }, { write: (line: string) => faults.push(line) });

  beforeAll(async () => {
    if (kind === "pglite") {
      server = await serverOn(await openPgliteInMemory(await pgliteTemplate()), { log });
    } else {
      const { url, drop } = await createDatabase();
      server = await serverOn(openPostgres(url), { log });
      closing.push(drop);
    }
    listening = await listen(server.app, { port: 0, host: "127.0.0.1" });
    closing.unshift(() => listening.drain(1_000), server.close);
    await publishProcesses(server);
    maker = makerOf(server, null);
    things = await maker.all();
  });
  afterAll(async () => {
    for (const close of closing) await close();
  });

  test.each(rows)("are answered as one: %s", async (row) => {
    const sent = REQUESTS[row];
    if (sent === undefined) throw new Error(`no request is made for ${row}`);
    const { path, body, method = "POST", headers } = sent.request(things);
    const init: RequestInit = {
      method,
      headers: {
        Authorization: `Bearer ${await tokenFor("admin")}`,
        "Content-Type": "application/json",
        "Idempotency-Key": `at-once-${row}`.replaceAll(/[^\w-]/g, ""),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: body instanceof Uint8Array ? body : JSON.stringify(body) }),
    };
    const copy = async (at: number): Promise<string | null> => {
      const signal = at % 2 === 0 ? null : AbortSignal.timeout(at * CUT_AFTER_MS);
      try {
        const answer = await fetch(new URL(path, listening.url), { ...init, signal });
        return `${answer.status} ${await answer.text()}`;
      } catch (error) {
        if (signal?.aborted === true) return null;
        throw error;
      }
    };
    const all = await Promise.all(Array.from({ length: COPIES }, (_, at) => copy(at)));
    if (sent.uses !== undefined) things = { ...things, ...(await maker[sent.uses]()) };
    const last = await copy(0);
    const told = all.filter((each) => each !== null && !each.includes('"idempotency-in-progress"'));
    const texts = new Set([...told, last]);
    expect(texts.size, [...texts].join("\n")).toBe(1);
    expect(last).toMatch(/^[24]/);
    expect(faults).toEqual([]);
  });
});
