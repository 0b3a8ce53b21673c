/** Real servers and where their persons' keys are: shared, out of reach, missing, or another one's. */

import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { createDatabase } from "../support/databases.ts";
import { apiOf, create, publish, send, view, type Api } from "./api.ts";
import { cuttingProxy } from "../support/cutting-proxy.ts";
import { ADMIN, createSite, startServer, StartFailed, tokenFor } from "./server.ts";
import type { ServerProcess, Site, Start } from "./server.ts";

const VISITOR = `
process: visitor
version: 1.0.0
data: { type: object, properties: { name: { type: string, x-personal: true }, visits: { type: number, default: 0 } } }
events:
  RENAME: { payload: { type: object, properties: { name: { type: string, x-personal: true } } } }
  VISIT: {}
machine:
  initial: here
  states:
    here:
      on:
        RENAME: { actions: [ { type: assign, params: { name: '= event.name' } } ] }
        VISIT: { actions: [ { type: assign, params: { visits: '= visits + 1' } } ] }
`;

const undo: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const each of undo.splice(0).toReversed()) await each();
});

async function siteOn(kind: "pglite" | "postgres"): Promise<Site> {
  const site = await createSite(kind);
  undo.push(site.remove);
  return site;
}

async function serverOn(site: Site, start: Start = {}): Promise<ServerProcess & { api: Api }> {
  const server = await startServer(site, start);
  undo.push(server.kill);
  const token = await tokenFor(site, ADMIN);
  return { ...server, api: apiOf(() => server.url, token) };
}

async function refusedStart(site: Site, environment: Start["environment"] = {}): Promise<string> {
  const starting = serverOn(site, { environment });
  const failure: unknown = await starting.then(() => null).catch((error: unknown) => error);
  if (!(failure instanceof StartFailed)) throw new Error("expected the start to be refused");
  expect(failure.code).toBe(1);
  return failure.message;
}

describe("a server's keystore", () => {
  test("opens after a kill what was sealed before it, and none but its own is taken", async () => {
    const site = await siteOn("postgres");
    const first = await serverOn(site);
    await publish(first.api, VISITOR);
    const { id } = await create(first.api, { process: "visitor", data: { name: "Grace" } });
    await first.kill();
    const elsewhere = { SEVENSTEP_KEYSTORE: join(site.dataFolder, "elsewhere") };
    const refusal = await refusedStart(site, elsewhere);
    expect(refusal).toMatch(/error: Personal values in this database .*SEVENSTEP_KEYSTORE.*adopt/);
    expect(refusal).not.toContain("    at ");
    const second = await serverOn(site);
    expect((await view(second.api, id)).data).toMatchObject({ name: "Grace" });
  });

  test("is missed at the start where its folder is gone, and where its secret is", async () => {
    const site = await siteOn("pglite");
    const first = await serverOn(site);
    await first.terminate();
    await rm(join(site.dataFolder, "keys", "secret"));
    expect(await refusedStart(site)).toMatch(/error: expected the keystore's master secret in/);
    await rm(join(site.dataFolder, "keys"), { recursive: true });
    expect(await refusedStart(site)).toMatch(/error: Personal values in this database/);
  });

  test("out of reach holds up personal values alone, and comes back by itself", async () => {
    const site = await siteOn("postgres");
    const database = await createDatabase();
    undo.push(database.drop);
    const keys = new URL(database.url);
    const port = Number(keys.port);
    let isCut = false;
    // A port where nobody listens.
    const line = await cuttingProxy({ target: () => (isCut ? 9 : port), cutAfter: () => null });
    undo.push(line.close);
    keys.port = String(line.port);
    const environment = { SEVENSTEP_KEYSTORE: keys.href };
    const { api } = await serverOn(site, { environment });
    await publish(api, VISITOR);
    const { id } = await create(api, { process: "visitor", data: { name: "Grace" } });
    const { id: other } = await create(api, { process: "visitor", data: {} });
    isCut = true;
    line.cutAll();
    const rename = { body: { type: "RENAME", payload: { name: "Ada" } } };
    const failed = await api(`/v1/work-orders/${other}/events`, rename);
    expect(failed).toMatchObject({ status: 503, body: { code: "database-unavailable" } });
    expect(failed.headers.get("retry-after")).toBe("1");
    expect(await send(api, other, "VISIT")).toMatchObject({ data: { visits: 1 } });
    isCut = false;
    await expect
      .poll(async () => (await api(`/v1/work-orders/${other}/events`, rename)).status)
      .toBe(200);
    expect((await view(api, other)).data).toMatchObject({ name: "Ada" });
    expect((await view(api, id)).data).toMatchObject({ name: "Grace" });
  });
});
