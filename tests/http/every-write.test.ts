/** What every write refuses alike for the sake of others is provoked at each of them, on real things: none is forgotten. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProblemCode } from "../../src/http/problem.ts";
import { openPostgres } from "../../src/store/postgres.ts";
import { createDatabase } from "../support/databases.ts";
import { openApiDocument } from "../support/openapi/document.ts";
import { operationsOf } from "../support/openapi/sample.ts";
import type { Described } from "../support/openapi/sample.ts";
import { REQUESTS } from "./matrix/requests.ts";
import { makerOf, publishProcesses, type Things } from "./matrix/things.ts";
import { asking, serverOn, tokenFor } from "./server.ts";
import type { Answer, TestServer } from "./server.ts";

const operations = operationsOf(await openApiDocument());

/** On Postgres, where another server's transaction can be under way. */
let server: TestServer;
let things: Things;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const { url, drop } = await createDatabase();
  server = await serverOn(openPostgres(url));
  closing.push(server.close, drop);
  await publishProcesses(server);
  things = await makerOf(server, null).all();
});
afterAll(async () => {
  for (const close of closing) await close();
});

function thatRefuseWith(code: ProblemCode): readonly string[] {
  const documents = ({ operation: { responses } }: Described): boolean =>
    Object.values(responses).some(({ description }) => description.includes(`\`${code}\``));
  return operations.filter(documents).map(({ operation }) => operation.operationId);
}

async function send(operationId: string, headers: Record<string, string>): Promise<Answer> {
  const row = Object.keys(REQUESTS).find((name) => name.split(":", 1)[0] === operationId) ?? "";
  const sent = REQUESTS[row]?.request(things);
  if (sent === undefined) throw new Error(`no request is made for ${operationId}`);
  const { path, ...ask } = sent;
  const token = await tokenFor("admin", { sub: CALLER });
  return asking(server)(path, { ...ask, token, headers: { ...ask.headers, ...headers } });
}

const CALLER = "some-admin";

/** Has a request under way with the key while the work is done. */
async function holding(key: string, work: () => Promise<void>): Promise<void> {
  const first = { caller: CALLER, key, fingerprint: "of another server's request" };
  const answer = { kind: "text", sealed: "" } as const;
  await server.store.idempotency.once(first, async () => {
    await work();
    return { orderId: null, revision: null, answer };
  });
}

describe("a write under a key of which the first request has not ended", () => {
  test.each(thatRefuseWith("idempotency-in-progress"))("is told to wait: %s", async (operation) => {
    const key = `first-${operation}`;
    await holding(key, async () => {
      const answer = await send(operation, { "Idempotency-Key": key });
      expect(answer.body, answer.text).toMatchObject({ code: "idempotency-in-progress" });
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    });
  });

  test.each(thatRefuseWith("idempotency-key-reused"))(
    "and was another one, is refused when that has ended: %s",
    async (operation) => {
      const key = `other-${operation}`;
      await holding(key, () => Promise.resolve());
      const answer = await send(operation, { "Idempotency-Key": key });
      expect(answer.body, answer.text).toMatchObject({ code: "idempotency-key-reused" });
    },
  );
});

describe("a write on an order that has moved on since the caller saw it", () => {
  test.each(thatRefuseWith("revision-mismatch"))("is refused: %s", async (operation) => {
    const answer = await send(operation, { "If-Match": '"99"' });
    expect(answer.body, answer.text).toMatchObject({ code: "revision-mismatch" });
  });
});
