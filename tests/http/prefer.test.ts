/** `Prefer: return=minimal`: an event does all that it does, and the order is left out of its answer. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asking, embeddedServer, PARCEL, publish, tokenFor } from "./server.ts";
import type { Answer, Asking, TestServer } from "./server.ts";

const MINIMAL = { Prefer: "return=minimal" };

let server: TestServer;
let ask: Asking;
let courier: string;

beforeAll(async () => {
  server = await embeddedServer();
  ask = asking(server);
  courier = await tokenFor("courier", { sub: "bo", centres: ["sh-01"] });
  await publish(ask, PARCEL);
}, 60_000);

afterAll(() => server.close());

async function parcel(): Promise<string> {
  const body = { process: "parcel", centre: "sh-01", data: { to: "Grace Hopper" } };
  return (await ask("/v1/work-orders", { body })).body.id;
}

function send(id: string, type: string, headers: { readonly [name: string]: string }) {
  return ask(`/v1/work-orders/${id}/events`, { body: { type }, headers, token: courier });
}

/** What the headers of an answer say of its order. */
function said({ status, headers, text }: Answer) {
  const names = ["etag", "preference-applied", "idempotency-replayed", "content-type"];
  return [status, text, ...names.map((name) => headers.get(name))];
}

describe("an event whose sender prefers a minimal answer", () => {
  test("moves the order, and is answered its revision alone", async () => {
    const id = await parcel();
    const answer = await send(id, "PICK_UP", MINIMAL);
    expect(said(answer)).toEqual([204, "", '"2"', "return=minimal", null, null]);
    expect((await ask(`/v1/work-orders/${id}`)).body).toMatchObject({
      revision: 2,
      state: "underWay",
    });
  });

  test("is the same request under its key, whichever answer is preferred", async () => {
    const id = await parcel();
    const key = { "idempotency-key": "prefer-1" };
    await send(id, "PICK_UP", { ...key, ...MINIMAL });
    const again = await send(id, "PICK_UP", { ...key, ...MINIMAL });
    expect(said(again)).toEqual([204, "", '"2"', "return=minimal", "true", null]);
    const whole = await send(id, "PICK_UP", key);
    expect(whole.body).toMatchObject({ id, revision: 2 });
    expect(said(whole).slice(2, 5)).toEqual(['"2"', null, "true"]);
  });

  test("is refused in full words", async () => {
    const id = await parcel();
    const answer = await send(id, "MISS", MINIMAL);
    expect(answer).toMatchObject({ status: 409, body: { code: "event-not-enabled" } });
    expect(said(answer).slice(2)).toEqual([null, null, null, "application/problem+json"]);
    const stale = await send(id, "PICK_UP", { ...MINIMAL, "if-match": '"9"' });
    expect(stale).toMatchObject({ status: 412, body: { code: "revision-mismatch" } });
  });

  test.each([
    "return=representation",
    "return=representation, return=minimal",
    "wait=3",
    "minimal",
  ])("is answered in full for %s", async (Prefer) => {
    const answer = await send(await parcel(), "PICK_UP", { Prefer });
    expect([answer.status, answer.body.revision]).toEqual([200, 2]);
    expect(answer.headers.get("preference-applied")).toBeNull();
  });
});
