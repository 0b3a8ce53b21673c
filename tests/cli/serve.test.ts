/** `sevenstep serve` as an operator meets it: its first words, its refusals in one line, and its end. */

import { connect, createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { createDatabase } from "../support/databases.ts";
import { temporaryFolder } from "../support/with-the-file.ts";
import { lineTo } from "./breakable-line.ts";
import { adminTokenIn, freePort, launchServer, run, startServer } from "./running-server.ts";
import type { RunningServer } from "./running-server.ts";

let folder = "";
let server: RunningServer | null = null;

beforeAll(async () => {
  folder = await temporaryFolder("serve");
});
afterEach(async () => {
  await server?.end("SIGKILL");
  server = null;
});

async function started(more = {}): Promise<RunningServer> {
  server = await startServer({ SEVENSTEP_DATA: folder, ...more });
  return server;
}

const get = async (url: string, path: string): Promise<Response> =>
  fetch(new URL(path, url), {
    headers: { Authorization: `Bearer ${await adminTokenIn(folder)}`, Connection: "close" },
  });

describe("sevenstep serve", () => {
  test("publishes the definitions, says where it listens and where the admin's token is", async () => {
    const first = await started();
    const standing = first.log.find(({ msg }) => msg.startsWith("listening on"));
    expect(standing).toMatchObject({
      database: "pglite",
      processes: ["service-visit 1.0.0", "traditional-4s 1.0.0"],
      adminTokenFile: join(folder, "admin-token"),
    });
    expect(JSON.stringify(first.log)).not.toContain(await adminTokenIn(folder));
    expect((await get(first.url, "/readyz")).status).toBe(200);
    expect((await get(first.url, "/v1/definitions")).status).toBe(200);

    expect(await first.end("SIGTERM")).toBe(0);
    const second = await started();
    expect(second.log.some(({ msg }) => msg === "definition published")).toBe(false);
  });

  test("refuses a data folder that another server has open, in one line", async () => {
    await started();
    const second = await run(["serve"], { SEVENSTEP_DATA: folder });
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/^error: The data folder [^\n]+ is open in process [^\n]+\n$/);
  });

  test("answers again after kill -9, with the same key", async () => {
    const first = await started();
    const token = await adminTokenIn(folder);
    await first.end("SIGKILL");
    const second = await started();
    expect(await adminTokenIn(folder)).toBe(token);
    expect((await get(second.url, "/v1/definitions")).status).toBe(200);
  });

  test.each(["SIGTERM", "SIGINT"] as const)(
    "answers what is under way at %s, then ends with 0",
    async (signal) => {
      const { url, process: child, end } = await started();
      const asked = Array.from({ length: 20 }, () => get(url, "/v1/definitions"));
      await asked[0];
      const ending = end(signal);
      // A second signal changes nothing.
      child.kill(signal);
      for (const answer of await Promise.all(asked)) expect([200, 503]).toContain(answer.status);
      expect(await Promise.race([ending, sleep(10_000, "late")])).toBe(0);
    },
  );

  test("ends within ten seconds although a caller holds its request open", async () => {
    const { url, end } = await started();
    const token = await adminTokenIn(folder);
    const { hostname, port } = new URL(url);
    const caller = connect(Number(port), hostname);
    caller.write(
      `POST /v1/work-orders HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n` +
        "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
    );
    await sleep(200);
    expect(await Promise.race([end("SIGTERM"), sleep(10_000, "late")])).toBe(1);
    caller.destroy();
  });

  test("refuses a port that is taken, in one line", async () => {
    const other = createServer();
    other.listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const refused = await run(["serve"], { SEVENSTEP_DATA: folder, PORT: String(port) });
    other.close();
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^error: [^\n]*EADDRINUSE[^\n]*\n$/);
  });

  test("refuses a bad variable in one line", async () => {
    const refused = await run(["serve"], { PORT: "http" });
    expect([refused.code, refused.stderr]).toEqual([
      1,
      "error: PORT: expected a number from 0 to 65535\n",
    ]);
  });

  test("says what is wrong with a definition, and serves the others", async () => {
    const { log } = await started({ SEVENSTEP_DEFINITIONS: "tests/cli/definitions" });
    expect(log.find(({ msg }) => msg.startsWith("a definition is not published"))).toMatchObject({
      file: "tests/cli/definitions/torn/1.0.0.yaml",
      code: "definition-invalid",
      findings: expect.arrayContaining([
        expect.objectContaining({ line: 5, rule: "unknown-target", severity: "error" }),
      ]),
    });
    expect(log.find(({ msg }) => msg.startsWith("listening"))?.["processes"]).toContain(
      "whole 1.0.0",
    );
  });
});

describe("a server whose database is away", () => {
  test("ends in one line when the database itself refuses, without the password", async () => {
    const { url, drop } = await createDatabase();
    const wrong = new URL(url);
    wrong.pathname = "/nosuchdatabase";
    wrong.password = "very-secret";
    const refused = await run(["serve"], { SEVENSTEP_DATA: folder, DATABASE_URL: wrong.href });
    await drop();
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^error: [^\n]*(nosuchdatabase|password)[^\n]*\n$/);
    expect(refused.stderr + refused.stdout).not.toContain("very-secret");
  });

  test("says so within a second when it is lost, and serves again within five of its return", async () => {
    const { url: direct, drop } = await createDatabase();
    const { hostname, port } = new URL(direct);
    const line = await lineTo(hostname, Number(port));
    const through = new URL(direct);
    through.host = `127.0.0.1:${line.port}`;
    const { url, end } = await started({ DATABASE_URL: through.href });
    expect((await get(url, "/v1/definitions")).status).toBe(200);

    await line.cut();
    const waitedMs: number[] = [];
    for (const path of ["/v1/definitions", "/readyz", "/v1/definitions"]) {
      const asked = performance.now();
      const answer = await get(url, path);
      expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "1"]);
      waitedMs.push(performance.now() - asked);
    }
    // A server that waits too long always does; a machine with much to do now and then.
    expect(Math.min(...waitedMs)).toBeLessThan(1_000);
    expect(Math.max(...waitedMs)).toBeLessThan(5_000);
    expect((await get(url, "/healthz")).status).toBe(200);

    await line.mend();
    const mended = performance.now();
    while ((await get(url, "/v1/definitions")).status !== 200) {
      if (performance.now() - mended > 5_000) throw new Error("it does not recover");
      await sleep(50);
    }
    expect((await get(url, "/readyz")).status).toBe(200);
    expect(await end("SIGTERM")).toBe(0);
    await line.cut();
    await drop();
  });

  test("stays up and says so until it is told to stop", async () => {
    const nowhere = "postgres://me:secret@127.0.0.1:9/none";
    const port = await freePort();
    const variables = { SEVENSTEP_DATA: folder, DATABASE_URL: nowhere, PORT: String(port) };
    const url = `http://127.0.0.1:${port}`;
    const starting = launchServer(variables);
    const startedAt = performance.now();
    for (;;) {
      const answer = await get(url, "/v1/definitions").catch(() => null);
      if (answer !== null) {
        expect(answer.status).toBe(503);
        expect(answer.headers.get("retry-after")).toBe("1");
        break;
      }
      if (performance.now() - startedAt > 20_000) throw new Error("it does not answer at all");
      await sleep(100);
    }
    expect((await get(url, "/healthz")).status).toBe(200);
    const waitedMs: number[] = [];
    for (let time = 0; time < 3; time += 1) {
      const asked = performance.now();
      expect((await get(url, "/readyz")).status).toBe(503);
      waitedMs.push(performance.now() - asked);
    }
    expect(Math.min(...waitedMs)).toBeLessThan(1_000);
    expect(await Promise.race([starting.end("SIGTERM"), sleep(10_000, "late")])).toBe(0);
    expect(JSON.stringify(starting.log)).not.toContain("secret");
  });
});
