/** A whole visit that a server played, replayed and backtested: from the server, and from its database when it is gone. */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDatabase } from "../support/databases.ts";
import { temporaryFolder } from "../support/with-the-file.ts";
import { freePort, run, startServer } from "./running-server.ts";
import type { Finished, RunningServer, Variables } from "./running-server.ts";

const ORDER = "01938f6e-0000-7000-8000-0000000000aa";
const VISIT = new URL("../../definitions/service-visit/1.0.0.yaml", import.meta.url).pathname;

describe.each(["pglite", "postgres"] as const)("histories of %s", (kind) => {
  let variables: Variables = {};
  let server: RunningServer;
  let clean: () => Promise<void>;
  let folder = "";
  let replayed: Finished;

  beforeAll(async () => {
    folder = await temporaryFolder("histories");
    const database = kind === "postgres" ? await createDatabase() : null;
    variables = {
      SEVENSTEP_DATA: folder,
      PORT: String(await freePort()),
      ...(database === null ? {} : { DATABASE_URL: database.url }),
    };
    clean = async () => database?.drop();
    server = await startServer(variables);
    const demo = await run(["demo", "--speed", "max", "--order", ORDER], variables);
    if (demo.code !== 0) throw new Error(demo.stderr);
    replayed = await run(["replay", ORDER, "--url", server.url], variables);
  }, 120_000);
  afterAll(async () => {
    await server.end("SIGKILL");
    await clean();
  });

  test("are told with the persons' data that the caller may see", () => {
    expect([replayed.code, replayed.stderr]).toEqual([0, ""]);
    expect(replayed.stdout).toContain("service-visit · DEMO-good-story");
    expect(replayed.stdout).toContain("Every line follows from the one before it");
    expect(replayed.stdout).toContain('"name":"王芳"');
    expect(replayed.stdout).not.toContain("not disclosed here");
  });

  test("keep them from an auditor", async () => {
    const token = await run(["token", "--sub", "eve", "--role", "auditor"], variables);
    const args = ["replay", ORDER, "--url", server.url, "--token", token.stdout.trim()];
    const { stdout } = await run(args, variables);
    expect(stdout).not.toContain("王芳");
    expect(stdout).toMatch(/\d+ personal values are not disclosed here, or erased/);
  });

  test("read the same beside the server that has the database open, and without one", async () => {
    expect(await run(["replay", ORDER], variables)).toEqual(replayed);
    await server.end("SIGTERM");
    const alone = await run(["replay", ORDER], variables);
    server = await startServer(variables);
    expect(alone).toEqual(replayed);
  });

  test("go the same way again through the definition that they happened under", async () => {
    const year = String(new Date().getUTCFullYear());
    const { code, stdout } = await run(["backtest", VISIT, "--against", year], variables);
    expect(stdout).toContain("1 history with");
    expect(stdout).toContain("Every history goes as it was recorded.");
    expect(code).toBe(0);
    const before = await run(["backtest", VISIT, "--against", "1999"], variables);
    expect([before.code, before.stdout]).toEqual([1, "No history of this process was found.\n"]);
  });

  test("are refused by a version that lets managers alone check", async () => {
    const text = await readFile(VISIT, "utf8");
    const stricter = text
      .replace("version: 1.0.0", "version: 1.1.0")
      .replace("by: [technician, lead, advisor]", "by: [manager]");
    const file = join(folder, "1.1.0.yaml");
    await writeFile(file, stricter);
    const args = ["backtest", file, "--against", "2020/2100", "--json"];
    const { code, stdout } = await run(args, variables);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      verdicts: { refused: 1 },
      refusals: [{ event: "PASS_CHECK", code: "role-not-allowed", count: 1 }],
    });
  });

  test.each([
    [
      "an order that is not there",
      ["replay", ORDER.replace("aa", "ab")],
      "expected an order that you may read",
    ],
    ["a server that is not there", ["replay", ORDER, "--url", "http://127.0.0.1:9"], "127.0.0.1:9"],
  ])(
    "say so of %s",
    async (_, args, complaint) => {
      const { code, stderr } = await run(args, variables);
      expect(code).toBe(1);
      expect(stderr).toContain(complaint);
    },
    60_000,
  );
});

test("where no server has run, nothing is made", async () => {
  const folder = join(await temporaryFolder("nothing"), "data");
  const { code, stderr } = await run(["replay", ORDER], { SEVENSTEP_DATA: folder });
  expect([code, stderr]).toEqual([
    1,
    `error: no server has run in ${folder}: name another by SEVENSTEP_DATA, or by --url and --token\n`,
  ]);
  await expect(readFile(join(folder, "lock"))).rejects.toThrow("ENOENT");
});
