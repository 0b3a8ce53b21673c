/** The first start on an empty data folder, and the ends of a server: asked, refused, and by way of its launcher. */

import { once } from "node:events";
import { request } from "node:http";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { pageOf } from "../../src/http/schemas/common.ts";
import { processSummary } from "../../src/http/schemas/definition.ts";
import { apiOf, granted, type Api } from "./api.ts";
import {
  addressOf,
  createSite,
  DEFINITIONS,
  launch,
  NODE,
  startServer,
  StartFailed,
} from "./server.ts";
import type { ServerProcess, Site } from "./server.ts";

let site: Site;
let server: ServerProcess;
let admin: Api;

beforeAll(async () => {
  site = await createSite("pglite");
  server = await startServer(site, { definitions: DEFINITIONS });
  admin = apiOf(() => server.url, await adminToken());
}, 120_000);

afterAll(async () => {
  await server.kill();
  await site.remove();
});

describe("a server on an empty data folder", () => {
  test("publishes both processes, and is ready", async () => {
    expect((await admin("/readyz")).body).toEqual({ status: "ready" });
    const { items } = granted(pageOf(processSummary), await admin("/v1/definitions"));
    expect(items.map((each) => `${each.process} ${each.default}`).toSorted()).toEqual([
      "service-visit 1.0.0",
      "traditional-4s 1.0.0",
    ]);
  });

  test("says its address and where the admin's token is, and not the token itself", async () => {
    expect(server.output()).toContain(`"url":"${server.url}"`);
    expect(server.output()).toContain(`"adminTokenFile":"${join(site.dataFolder, "admin-token")}"`);
    expect(server.output()).not.toContain(await adminToken());
  });

  test.each(["admin-token", "token-key"])("keeps %s from everybody else's eyes", async (file) => {
    const { mode } = await stat(join(site.dataFolder, file));
    expect((mode & 0o777).toString(8)).toBe("600");
  });

  test("believes the tokens that `sevenstep token` makes, for what they say", async () => {
    const args = ["token", "--sub", "tech-7", "--role", "technician", "--centre", "sh-01"];
    const command = launch([NODE, "src/cli/sevenstep.js", ...args], site, DEFINITIONS);
    expect((await command.ended).code).toBe(0);
    const technician = apiOf(() => server.url, command.output().trim());
    expect((await technician("/v1/work-orders")).status).toBe(200);
    expect((await technician("/v1/test-clocks", { body: {} })).status).toBe(403);
  });

  test("is the only one there: a second one is refused, and names it", async () => {
    const refusal: unknown = await startServer(site).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StartFailed);
    expect(refusal).toHaveProperty("code", 1);
    expect(String(refusal)).toMatch(
      new RegExp(`error: The data folder ${site.dataFolder} is open in process ${server.pid} on`),
    );
    expect((await admin("/readyz")).status).toBe(200);
  });
});

describe("a server that is asked to end", () => {
  test("answers what it has begun to read, refuses what comes later, and ends with 0", async () => {
    const body = JSON.stringify({
      process: "service-visit",
      data: {
        customer: { name: "Wang", phone: "1" },
        vehicle: { plate: "A", vin: "B", model: "C" },
      },
    });
    const upload = request(new URL("/v1/work-orders", server.url), {
      method: "POST",
      headers: {
        Authorization: `Bearer ${await adminToken()}`,
        "Content-Type": "application/json",
        "Content-Length": Buffer.byteLength(body),
        Expect: "100-continue",
      },
    });
    const answered = once(upload, "response");
    upload.flushHeaders();
    // The server says `continue` when it has the headers: from then on the request is under way.
    await once(upload, "continue");
    upload.write(body.slice(0, 20));

    const ending = server.terminate();
    while (!server.output().includes("stopping")) await sleep(10);
    // Whoever comes later is told so, or finds nobody any more.
    const later = await admin("/readyz").catch(() => null);
    if (later !== null)
      expect(later).toMatchObject({ status: 503, body: { code: "shutting-down" } });
    upload.end(body.slice(20));

    const [response] = z.tuple([z.object({ statusCode: z.int() })]).parse(await answered);
    expect(response.statusCode).toBe(201);
    const answeredAt = performance.now();
    const { code, tookMs } = await ending;
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(10_000);
    // The connection may be kept alive, but it keeps nobody waiting.
    expect(performance.now() - answeredAt).toBeLessThan(8_000);
  });

  test("finds everything when it starts again, and makes no second token", async () => {
    const token = await adminToken();
    server = await startServer(site, { definitions: DEFINITIONS });
    expect(await adminToken()).toBe(token);
    const list = granted(orders, await admin("/v1/work-orders"));
    expect(list.items).toMatchObject([{ process: "service-visit", revision: 1 }]);
  }, 120_000);
});

describe("a server that an older Node's launcher started", () => {
  test("ends when the launcher is killed, so that the data folder is free again", async () => {
    await server.terminate();
    const older = 'Object.defineProperty(process.versions, "node", { value: "20.19.0" })';
    const command = [NODE, "--import", `data:text/javascript,${older}`] as const;
    const launcher = launch([...command, "src/cli/sevenstep.js", "serve"], site, DEFINITIONS);
    const url = await addressOf(launcher);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);

    await launcher.kill();
    while (await fetch(`${url}/readyz`).catch(() => null)) await sleep(10);
    server = await startServer(site, { definitions: DEFINITIONS });
    expect((await admin("/readyz")).status).toBe(200);
  }, 120_000);
});

describe.runIf(process.platform === "linux")(
  "a server whose end nobody has taken notice of",
  () => {
    test("no longer holds the data folder", async () => {
      await server.terminate();
      // Its parent does not look after its children, as the first process of a container often does not.
      const script = `"${NODE}" src/main.ts serve & echo "pid $!"; exec sleep 600`;
      const parent = launch(["/bin/sh", "-c", script], site, DEFINITIONS);
      await addressOf(parent);
      const [, pid = ""] = /^pid (\d+)$/m.exec(parent.output()) ?? [];
      process.kill(Number(pid), "SIGKILL");
      while (!/\) Z /.test(await readFile(`/proc/${pid}/stat`, "utf8"))) await sleep(10);

      server = await startServer(site, { definitions: DEFINITIONS });
      expect((await admin("/readyz")).status).toBe(200);
      await parent.kill();
    }, 120_000);
  },
);

const orders = pageOf(z.looseObject({ process: z.string(), revision: z.int() }));

async function adminToken(): Promise<string> {
  return (await readFile(join(site.dataFolder, "admin-token"), "utf8")).trim();
}
