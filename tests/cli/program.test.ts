/** The command frame: options that it does not know are errors, texts speak the reader's language, tokens are good. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tokenKey } from "../../src/http/data-folder.ts";
import { tokenReader } from "../../src/http/token.ts";
import { run } from "./running-server.ts";

let folder = "";
let used = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sevenstep-"));
  used = join(folder, "used");
  await tokenKey(used);
});
afterAll(() => rm(folder, { recursive: true }));

describe("sevenstep", () => {
  test.each([
    [["--colour"]],
    [["serve", "--port", "1"]],
    [["token", "--sub", "x", "--role", "y", "--colour"]],
    [["check", "--colour", "x.yaml"]],
    [["test", "--colour", "x.yaml"]],
    [["demo", "--colour"]],
    [["dance"]],
    [["serve", "now"]],
  ])("refuses %j", async (args) => {
    const { code, stdout, stderr } = await run(args);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^error: (unknown|too many)/);
  });

  test("helps in the reader's language, every command with examples", async () => {
    const english = await run(["--help"]);
    expect([english.code, english.stderr]).toEqual([0, ""]);
    for (const command of ["serve", "token", "check", "test", "demo"]) {
      expect(english.stdout).toContain(`  ${command} `);
    }
    expect((await run(["token", "--help"])).stdout).toContain("Examples:");
    expect((await run(["--lang", "zh", "--help"])).stdout).toContain("启动服务器");
    expect((await run(["token", "--help"], { LANG: "zh_CN.UTF-8" })).stdout).toContain("示例：");
    expect((await run(["--lang", "fr", "--help"])).code).toBe(1);
  });

  test("prints its version", async () => {
    expect((await run(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test("runs from a Node that is too old to read it", async () => {
    const older = "Object.defineProperty(process.versions, 'node', { value: '20.19.0' })";
    const { code, stdout } = await run(["--version"], {}, [
      "--import",
      `data:text/javascript,${older}`,
    ]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)]);
  });

  test("hands its exit code on", async () => {
    const older = "Object.defineProperty(process.versions, 'node', { value: '20.19.0' })";
    const finished = await run(["dance"], {}, ["--import", `data:text/javascript,${older}`]);
    expect(finished.code).toBe(1);
  });
});

describe("sevenstep token", () => {
  test("makes a token that the server believes", async () => {
    const args = ["token", "--sub", "tech-7", "--role", "technician", "--role", "lead"];
    const { code, stdout } = await run([...args, "--centre", "sh-01"], { SEVENSTEP_DATA: used });
    expect(code).toBe(0);
    expect(await tokenReader(await tokenKey(used))(stdout.trim())).toEqual({
      kind: "known",
      caller: { sub: "tech-7", roles: ["technician", "lead"], centres: ["sh-01"] },
    });
  });

  test("tells as JSON who, what and until when", async () => {
    const args = ["token", "--sub", "x", "--role", "advisor", "--ttl", "PT1H", "--json"];
    const { stdout } = await run(args, { SEVENSTEP_DATA: used });
    const told = JSON.parse(stdout);
    expect(told).toMatchObject({ sub: "x", roles: ["advisor"], centres: "*" });
    const leftMs = Date.parse(told.expiresAt) - Date.now();
    expect(leftMs).toBeGreaterThan(3_500_000);
    expect(leftMs).toBeLessThanOrEqual(3_600_000);
  });

  test.each([
    ["no subject", ["--role", "x"], "--sub"],
    ["no role", ["--sub", "x"], "--role"],
    ["a subject with a space", ["--sub", "a b", "--role", "x"], "printable ASCII"],
    ["a role with a space", ["--sub", "x", "--role", "a b"], "such as technician"],
    ["a duration that is none", ["--sub", "x", "--role", "y", "--ttl", "1h"], "ISO 8601"],
    ["no time at all", ["--sub", "x", "--role", "y", "--ttl", "PT0S"], "ISO 8601"],
    ["a negative time", ["--sub", "x", "--role", "y", "--ttl=-PT1H"], "ISO 8601"],
  ])("refuses %s", async (_what, args, complaint) => {
    const { code, stdout, stderr } = await run(["token", ...args], { SEVENSTEP_DATA: used });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(complaint);
  });

  test("refuses a folder in which no server has run, and makes no key there", async () => {
    const unused = join(folder, "unused");
    const args = ["token", "--sub", "x", "--role", "y"];
    const { code, stderr } = await run(args, { SEVENSTEP_DATA: unused });
    expect([code, stderr]).toEqual([1, expect.stringContaining("no server has run")]);
  });
});
