/**
 * `sevenstep audit` as it runs in the field: over orders of three versions on a real Postgres, in threads, killed and begun
 * again; and one entry that was edited in the database is named.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRebuild } from "../../src/audit/rebuild.ts";
import type { Caller } from "../../src/runtime/engine.ts";
import { openPostgres } from "../../src/store/postgres.ts";
import { storeOn } from "../../src/store/store-on.ts";
import { THREE_VERSIONS } from "../audit/three-versions.ts";
import { granted, server, type Server } from "../runtime/engine.ts";
import { grownToTheEnd } from "../runtime/auditing/logged.ts";
import { createDatabase } from "../support/databases.ts";
import { temporaryFolder } from "../support/with-the-file.ts";

/** A thousand and more kills take two minutes: `AUDIT_ORDERS=1000 AUDIT_KILLS=10`. */
const ORDERS = Number(process.env["AUDIT_ORDERS"] ?? "120");
const KILLS = Number(process.env["AUDIT_KILLS"] ?? "2");
const AT_ONCE = 32;

const [garage] = THREE_VERSIONS;
const ANYBODY: Caller = {
  ...{ sub: "root", centres: null },
  roles: ["advisor", "technician", "admin"],
};

let created: Awaited<ReturnType<typeof createDatabase>>;
let folder = "";
let entries = 0;
let victim = "";

beforeAll(async () => {
  created = await createDatabase();
  folder = await temporaryFolder("audit");
  const hand = { now: Date.parse("2026-11-22T08:00:00.000Z") };
  const one = await server((ports) => {
    const store = storeOn(openPostgres(created.url), { ...ports, rebuild: createRebuild() });
    return store.migrate().then(() => store);
  }, hand);
  for (const each of garage?.texts ?? []) {
    granted(await one.engine.definitions.publish(ANYBODY, { text: each, format: "yaml" }));
  }
  const numbers = Array.from({ length: ORDERS }, (_, at) => at);
  for (let from = 0; from < ORDERS; from += AT_ONCE) {
    const driven = await Promise.all(
      numbers.slice(from, from + AT_ONCE).map((at) => drive(one, at)),
    );
    entries += driven.reduce((sum, { revision }) => sum + revision, 0);
    victim = driven.at(-1)?.id ?? "";
  }
  hand.now += 3_600_000;
  await grownToTheEnd(one.store);
  await one.store.close();
}, 180_000);
afterAll(async () => {
  await created.drop();
  await rm(folder, { recursive: true });
});

/** There and back between the versions, with work in between. */
async function drive({ engine }: Server, at: number) {
  const asked = { process: "garage", version: "1.0.0" };
  const { id } = granted(await engine.orders.create(ANYBODY, asked)).order;
  const ways = [
    ["2.0.0", "0>1"],
    ["3.0.0", "1>2"],
    ["2.0.0", "2>1"],
    ["1.0.0", "1>0"],
  ] as const;
  let order = granted(await engine.orders.send(ANYBODY, id, event("ACCEPT"))).order;
  for (const [to, way] of ways.slice(0, at % 5)) {
    const rules = garage?.rules[way] ?? {};
    granted(await engine.orders.migrate(ANYBODY, id, { to, rules }));
    const note = `${to} of ${at}`;
    ({ order } = granted(await engine.orders.send(ANYBODY, id, event("NOTE", { note }))));
  }
  return order;
}

function event(type: string, payload = {}) {
  return { type, payload };
}

async function audit({ killAfterMs }: { readonly killAfterMs?: number } = {}) {
  const script = new URL("../../src/cli/sevenstep.js", import.meta.url).pathname;
  const args = ["audit", "--threads", "2", "--out", join(folder, "report.md")];
  const child = spawn(process.execPath, [script, ...args], {
    env: { ...process.env, DATABASE_URL: created.url, SEVENSTEP_DATA: folder, LANG: "C" },
  });
  const ended = once(child, "close");
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  if (killAfterMs !== undefined) {
    await Promise.race([sleep(killAfterMs), ended]);
    child.kill("SIGKILL");
  }
  await ended;
  const [out, told] = await output;
  return { code: child.exitCode, out, told };
}

describe("sevenstep audit, over three versions", () => {
  test("comes to the same end, however often it was killed", async () => {
    const began = performance.now();
    const whole = await audit();
    const ms = performance.now() - began;
    expect(whole).toMatchObject({ code: 0 });
    expect(whole.out).toContain(
      `${ORDERS} orders with ${entries} entries: nothing was found wrong.`,
    );
    for (let kill = 0; kill < KILLS; kill += 1) {
      await audit({ killAfterMs: ((kill + 0.5) / KILLS) * ms });
    }
    expect((await audit()).out).toContain(`${ORDERS} orders with ${entries} entries: nothing`);
    const report = await readFile(join(folder, "report.md"), "utf8");
    expect(report).toContain(`Log: ${entries} leaves, at positions 1 to ${entries}`);
    console.log(`${ORDERS} orders, ${entries} entries: ${Math.round(ms)} ms; ${KILLS} kills`);
  }, 300_000);

  test("names an entry that was edited in the database itself", async () => {
    const database = openPostgres(created.url);
    await sql`update entries set line = replace(line, '"root"', '"boot"')
      where order_id = ${victim} and revision = 2`.execute(database.db);
    await database.close();
    const { code, out } = await audit();
    expect(code).toBe(1);
    expect(out).toContain(`order ${victim}, entry 2, hash`);
    expect(out).toContain(`order ${victim}, entry 2, log`);
    expect(out).toContain("2 found wrong.");
  }, 60_000);
});
