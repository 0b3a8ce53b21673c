/** Events sent by the typed client for which no order is wanted back, against the server's own application. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createClient, ProblemError } from "../../src/client/client.ts";
import {
  asking,
  embeddedServer,
  PARCEL,
  publish,
  tokenFor,
  type TestServer,
} from "../http/server.ts";

let server: TestServer;
let id = "";

beforeAll(async () => {
  server = await embeddedServer();
  const ask = asking(server);
  await publish(ask, PARCEL);
  const body = { process: "parcel", centre: "sh-01", data: { to: "Grace Hopper" } };
  id = (await ask("/v1/work-orders", { body })).body.id;
}, 60_000);

afterAll(() => server.close());

/** @param answered in place of what the server answers */
async function parcels(answered?: Response) {
  const token = await tokenFor("courier", { sub: "bo", centres: ["sh-01"] });
  const fetch = async (request: Request) => answered ?? (await server.app.fetch(request));
  return createClient({ url: "http://x", token, fetch }).process("parcel");
}

describe("move", () => {
  test("gives the order's revision after the event, and the same again under its key", async () => {
    const { move } = await parcels();
    expect(await move(id, "PICK_UP", {}, { idempotencyKey: "move-1" })).toBe(2);
    expect(await move(id, "PICK_UP", {}, { idempotencyKey: "move-1" })).toBe(2);
  });

  test("throws what the server refuses", async () => {
    const { move } = await parcels();
    const late = move(id, "DELIVER", {}, { ifMatch: 1 });
    await expect(late).rejects.toThrow(ProblemError);
    await expect(late).rejects.toMatchObject({ problem: { code: "revision-mismatch" } });
  });

  test("says so when somebody else answers at the address", async () => {
    const { move } = await parcels(new Response(null, { status: 204 }));
    await expect(move(id, "DELIVER")).rejects.toThrow("Expected the revision of an order as ETag");
    const page = await parcels(new Response("<p>Welcome", { status: 404 }));
    await expect(page.move(id, "DELIVER")).rejects.toThrow("Expected the answer of a Seven-step");
  });
});
