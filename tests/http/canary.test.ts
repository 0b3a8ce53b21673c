/** The log holds nothing that a person wrote: canaries in every field, header, address and token leave no trace in it. */

import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createLog, plainError } from "../../src/cli/log.ts";
import { asking, embeddedServer, PARCEL, publish, tokenFor } from "./server.ts";
import type { Asking, TestServer } from "./server.ts";

const CANARY = "Kanarienvogel";
const lines: string[] = [];
let server: TestServer;
let ask: Asking;

beforeAll(async () => {
  const log = createLog("trace", { write: (line) => lines.push(line) });
  server = await embeddedServer({ log });
  ask = asking(server);
  await publish(ask, PARCEL);
});
afterAll(() => server.close());

const logged = (): string => lines.join("");

describe("the log", () => {
  test("of a whole story at its finest holds no canary", async () => {
    const token = await tokenFor(["admin", "sender", "courier", "receiver"]);
    const headers = {
      "User-Agent": CANARY,
      Referer: `https://${CANARY}.example`,
      Cookie: `name=${CANARY}`,
      "X-Forwarded-For": CANARY,
      "X-Request-Id": `${CANARY} with a space`,
      "Idempotency-Key": `${CANARY}-${randomUUID()}`,
      "Accept-Language": `zh-${CANARY}`,
    };
    const id = randomUUID();
    const order = `/v1/work-orders/${id}`;
    const event = (type: string, payload: object = {}) =>
      ask(`${order}/events`, {
        body: { type, payload: { ...payload } },
        token,
        headers: { ...headers, "Idempotency-Key": `${CANARY}-${randomUUID()}` },
      });
    const data = { to: CANARY, weight: 1 };
    const body = { process: "parcel", id, businessKey: CANARY, data };
    const statuses = [
      (await ask("/v1/work-orders", { body, token, headers })).status,
      (await ask("/v1/work-orders", { body, token, headers })).status,
      (await event("PICK_UP")).status,
      (await event("DELIVER", { signature: CANARY, [CANARY]: CANARY })).status,
      (await event(CANARY)).status,
      (await event("DELIVER", { signature: 7 })).status,
      (await ask(`/v1/work-orders?businessKey=${CANARY}`, { token, headers })).status,
      (await ask(`/v1/work-orders?${CANARY}=1`, { token, headers })).status,
      (await ask(`/v1/work-orders/${CANARY}`, { token, headers })).status,
      (await ask(`/${CANARY}/${CANARY}?${CANARY}`, { token, headers })).status,
      (await ask(`${order}/history?cursor=${CANARY}`, { token, headers })).status,
      (await ask(order, { token: null, headers: { Authorization: `Bearer ${CANARY}` } })).status,
      (await ask("/v1/work-orders", { token, body: `{"${CANARY}":"${CANARY}` })).status,
      (await ask("/v1/work-orders", { token, headers: { "If-Match": CANARY }, body: {} })).status,
      (
        await ask("/v1/definitions", {
          token,
          body: `process: ${CANARY}\n`,
          headers: {
            "Content-Type": "application/yaml",
          },
        })
      ).status,
      (await server.app.request(order, { method: CANARY.toUpperCase() })).status,
    ];
    expect(statuses.filter((status) => status < 300)).not.toHaveLength(0);
    expect(statuses.filter((status) => status >= 400)).not.toHaveLength(0);
    expect(statuses.filter((status) => status >= 500)).toEqual([]);
    expect(lines.length).toBeGreaterThanOrEqual(statuses.length);
    expect(logged().toLowerCase()).not.toContain(CANARY.toLowerCase());
    expect(logged()).not.toContain(token);
    expect(logged()).toContain('"route":"/v1/work-orders/:id/events"');
    expect(logged()).toContain('"route":"unmatched"');
  });

  test("of a defect holds where it was, and nothing that it quotes", async () => {
    const cause = Object.assign(new Error(`Key (name)=("${CANARY}") exists`), {
      code: "23505",
      constraint: "orders_pkey",
      detail: `Failing row contains (${CANARY}).`,
      parameters: [CANARY],
    });
    const readStale = (): never => {
      throw new Error(`unexpected "${CANARY}" here`, { cause });
    };
    const { engine } = server;
    const log = createLog("trace", { write: (line) => lines.push(line) });
    const broken = await embeddedServer({
      log,
      engine: { ...engine, readStale },
    });
    const answer = await asking(broken)(`/v1/work-orders/${randomUUID()}`);
    await broken.close();
    expect(answer.status).toBe(500);
    const line = lines.find((each) => each.includes("defect")) ?? "{}";
    expect(JSON.parse(line)).toMatchObject({
      route: "/v1/work-orders/:id",
      requestId: answer.body.requestId,
      err: {
        type: "Error",
        message: "unexpected … here",
        stack: expect.stringContaining("canary.test.ts"),
        cause: { code: "23505", constraint: "orders_pkey" },
      },
    });
    expect(logged()).not.toContain(CANARY);
  });
});

describe("an error in the log", () => {
  test.each([
    [() => JSON.parse(`{"a": "${CANARY}`)],
    [() => JSON.parse(CANARY)],
    [() => new URL(`:${CANARY}`)],
    [() => decodeURIComponent(`%${CANARY}`)],
    [() => BigInt(CANARY)],
  ])("quotes nothing: %s", (work) => {
    let text = "";
    try {
      work();
    } catch (error) {
      text = JSON.stringify(plainError(error));
    }
    expect(text).not.toBe("");
    expect(text).not.toContain(CANARY);
    // A parser quotes only the first characters of a long text.
    expect(text).not.toContain(CANARY.slice(0, 6));
  });

  test("that was thrown for something else is told by its type alone", () => {
    expect(plainError(CANARY)).toEqual({ type: "string", message: "not an error" });
  });

  test("whose causes go round ends", () => {
    const error = new Error("round");
    error.cause = error;
    expect(JSON.stringify(plainError(error)).length).toBeLessThan(20_000);
  });
});
