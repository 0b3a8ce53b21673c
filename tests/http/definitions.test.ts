/** Definitions over HTTP: published once, judged without trace, read in the form that the caller likes. */

import { parse } from "yaml";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { judgement, published } from "../../src/http/schemas/definition.ts";
import { asking, embeddedServer, PARCEL, publish, tokenFor } from "./server.ts";
import type { Answer, Asking, TestServer } from "./server.ts";

let server: TestServer;
let ask: Asking;

beforeAll(async () => {
  server = await embeddedServer();
  ask = asking(server);
  await publish(ask, PARCEL);
});
afterAll(() => server.close());

function post(text: string, type = "application/yaml", token?: string): Promise<Answer> {
  return ask("/v1/definitions", {
    body: new TextEncoder().encode(text),
    headers: { "Content-Type": type },
    ...(token === undefined ? {} : { token }),
  });
}

const named = (process: string, version = "1.0.0"): string =>
  PARCEL.replace("process: parcel", `process: ${process}`).replace("1.0.0", version);

describe("a published definition", () => {
  test.each([
    ["a".repeat(100), "1.0.0"],
    ["long-number", "999999999999.0.0"],
    ["long-label", `1.0.0-${"a".repeat(58)}`],
  ])("%s %s has an address", async (process, version) => {
    expect((await post(named(process, version))).status).toBe(201);
    expect((await ask(`/v1/definitions/${process}/${version}`)).status).toBe(200);
    const path = `/v1/definitions/${process}/default`;
    expect((await ask(path, { method: "PUT", body: { version } })).status).toBe(200);
  });

  test.each([
    ["a".repeat(101), "1.0.0", "/process"],
    ["long-label", `1.0.0-${"a".repeat(59)}`, "/version"],
  ])("would have none as %s %s, and is refused", async (process, version, pointer) => {
    expect((await post(named(process, version))).body.findings).toMatchObject([{ pointer }]);
  });
});

describe("POST /v1/definitions", () => {
  test("publishes once, says so again, and never changes what is published", async () => {
    const first = await post(named("once"));
    expect(first.status).toBe(201);
    expect(published.strict().parse(first.body)).toMatchObject({
      process: "once",
      version: "1.0.0",
    });
    expect(first.headers.get("location")).toBe("/v1/definitions/once/1.0.0");
    const again = await post(named("once"));
    expect([again.status, again.body.digest]).toEqual([200, first.body.digest]);
    const other = await post(named("once").replace("attempts < 2", "attempts < 3"));
    expect([other.status, other.body.code]).toEqual([409, "version-published"]);
  });

  test("takes JSON for the same document as YAML", async () => {
    const yaml = await post(named("twice"));
    const json = await post(JSON.stringify(parse(named("twice"))), "application/json");
    expect([json.status, json.body.digest]).toEqual([200, yaml.body.digest]);
  });

  test("refuses a document with errors, with every finding and its line", async () => {
    const broken = named("broken")
      .replace("PICK_UP: underWay", "PICK_UP: nowhere")
      .replace("attempts < 2", "tries < 2");
    const answer = await post(broken);
    expect([answer.status, answer.body.code]).toEqual([422, "definition-invalid"]);
    const errors = answer.body.findings.filter(
      (each: { severity: string }) => each.severity === "error",
    );
    expect(errors.length).toBeGreaterThanOrEqual(2);
    const lines = broken.split("\n");
    for (const { line } of errors) expect(lines[line - 1]).toMatch(/nowhere|tries/);
  });

  test.each([
    ["nothing", ""],
    ["a tab for indentation", "process:\n\tx: 1"],
    ["an alias bomb", "a: &a [x]\nb: [*a, *a]"],
    ["deep nesting", "[".repeat(5_000)],
    ["another kind of thing", "- just\n- a list"],
  ])("refuses %s with findings", async (_what, text) => {
    const answer = await post(text);
    expect([answer.status, answer.body.code]).toEqual([422, "definition-invalid"]);
    expect(answer.body.findings.length).toBeGreaterThan(0);
  });

  test("refuses U+0000, bytes that are not UTF-8 and other media types", async () => {
    expect((await post("process: a\0b")).body.code).toBe("body-text-unsafe");
    const bytes = Uint8Array.of(0x61, 0x3a, 0xff);
    const headers = { "Content-Type": "application/yaml" };
    expect((await ask("/v1/definitions", { body: bytes, headers })).body.code).toBe(
      "body-malformed",
    );
    expect((await post(PARCEL, "text/plain")).status).toBe(415);
  });

  test("is for admins and designers", async () => {
    expect(
      (await post(named("by-designer"), "application/yaml", await tokenFor("designer"))).status,
    ).toBe(201);
    for (const role of ["courier", "auditor", "manager"]) {
      const answer = await post(named("by-other"), "application/yaml", await tokenFor(role));
      expect([answer.status, answer.body.code]).toEqual([403, "role-not-allowed"]);
    }
    expect((await ask("/v1/definitions/by-other")).status).toBe(404);
  });
});

describe("POST /v1/definitions/check", () => {
  test("gives the judgement of publishing, and leaves no trace", async () => {
    const headers = { "Content-Type": "application/yaml" };
    const check = (text: string): Promise<Answer> =>
      ask("/v1/definitions/check", { body: new TextEncoder().encode(text), headers });
    const good = judgement.strict().parse((await check(named("checked"))).body);
    expect(good).toMatchObject({ ok: true, process: "checked", version: "1.0.0" });
    expect((await ask("/v1/definitions/checked")).status).toBe(404);
    const bad = judgement.strict().parse((await check("process: [")).body);
    expect(bad).toMatchObject({ ok: false, process: null, digest: null });
    expect(bad.findings.length).toBeGreaterThan(0);
  });

  test("is for those who may publish, because judging costs", async () => {
    const headers = { "Content-Type": "application/yaml" };
    const body = new TextEncoder().encode(named("checked"));
    for (const [role, status] of [
      ["designer", 200],
      ["courier", 403],
      ["auditor", 403],
    ] as const) {
      const answer = await ask("/v1/definitions/check", {
        ...{ body, headers },
        token: await tokenFor(role),
      });
      expect([role, answer.status]).toEqual([role, status]);
    }
  });
});

describe("GET /v1/definitions", () => {
  test("lists processes, and a process's versions with their open orders", async () => {
    await post(named("listed"));
    await post(named("listed", "1.1.0"));
    await ask("/v1/work-orders", {
      body: { process: "listed", version: "1.1.0", data: { to: "x" } },
    });
    const { items } = (await ask("/v1/definitions")).body;
    const listed = items.find(({ process }: { process: string }) => process === "listed");
    expect(listed).toMatchObject({ versions: ["1.1.0", "1.0.0"], openOrders: 1 });
    const versions = (await ask("/v1/definitions/listed")).body.items;
    expect(versions).toMatchObject([
      { version: "1.1.0", openOrders: 1, publishedBy: "some-admin" },
      { version: "1.0.0", openOrders: 0 },
    ]);
    expect(versions.filter((each: { default: boolean }) => each.default)).toHaveLength(1);
    expect((await ask("/v1/definitions/unknown")).body.code).toBe("definition-unknown");
  });

  test("gives the document as it was sent, or in the other form", async () => {
    const path = "/v1/definitions/parcel/1.0.0";
    const yaml = await ask(path, { headers: { Accept: "application/yaml" } });
    expect(yaml.text).toBe(PARCEL);
    expect(yaml.headers.get("content-type")).toBe("application/yaml");
    const json = await ask(path);
    expect(json.headers.get("content-type")).toBe("application/json");
    expect(json.body).toEqual(parse(PARCEL));
    // The order of states decides behaviour, so it is kept.
    expect(Object.keys(json.body.machine.states)).toEqual(["waiting", "underWay", "delivered"]);
    expect((await ask(path, { headers: { Accept: "image/png" } })).status).toBe(406);
    expect((await ask("/v1/definitions/parcel/9.9.9")).body.code).toBe("definition-unknown");
  });
});

describe("PUT /v1/definitions/{process}/default", () => {
  test("decides the version of new orders, and back", async () => {
    await post(named("chosen"));
    await post(named("chosen", "2.0.0"));
    for (const version of ["2.0.0", "1.0.0"]) {
      const put = await ask("/v1/definitions/chosen/default", { method: "PUT", body: { version } });
      expect([put.status, put.body]).toEqual([200, { process: "chosen", version }]);
      const order = await ask("/v1/work-orders", {
        body: { process: "chosen", data: { to: "x" } },
      });
      expect(order.body.version).toBe(version);
    }
    const unknown = await ask("/v1/definitions/chosen/default", {
      method: "PUT",
      body: { version: "3.0.0" },
    });
    expect(unknown.body.code).toBe("definition-unknown");
    const token = await tokenFor("courier");
    const body = { version: "2.0.0" };
    const refused = await ask("/v1/definitions/chosen/default", { method: "PUT", body, token });
    expect(refused.status).toBe(403);
  });
});
