/** `sevenstep check` as a person and as a script see it. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { checkCommand } from "../../src/cli/check.ts";
import { run } from "./fake-terminal.ts";

const FIXTURES = new URL("../design/fixtures/", import.meta.url).pathname;
const LIGHT = join(FIXTURES, "traffic-light.yaml");

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sevenstep-check-"));
  await writeFile(
    join(folder, "bad.yaml"),
    "process: bad\nversion: one\nmachine:\n  initial: a\n  states:\n    a: { on: { GO: nowhere } }\n",
  );
  await writeFile(join(folder, "bad.scenarios.yaml"), "actors: {}\nscenarios: []\nmore: 1\n");
});

afterAll(() => rm(folder, { recursive: true }));

describe("sevenstep check", () => {
  test("finds nothing wrong with a definition and the scenarios beside it", async () => {
    const { code, output } = await run(checkCommand, [LIGHT]);
    expect([code, output]).toEqual([0, "2 files: 0 errors, 0 warnings\n"]);
  });

  test("tells findings of both files by line, and exits with 1", async () => {
    const { code, output } = await run(checkCommand, [join(folder, "bad.yaml")]);
    expect(code).toBe(1);
    const lines = output.replaceAll(folder, "").trimEnd().split("\n");
    expect(lines.map((line) => line.split("  ").slice(0, 3).join("  "))).toEqual([
      "/bad.yaml:2  error  malformed-value",
      "/bad.yaml:6  warning  event-undeclared",
      "/bad.yaml:6  error  unknown-target",
      "/bad.scenarios.yaml:2  error  scenario-shape",
      "/bad.scenarios.yaml:3  error  scenario-unknown-key",
      "2 files: 4 errors, 1 warning",
    ]);
    for (const line of lines.slice(0, -1)) expect(line.split("  ")).toHaveLength(5);
  });

  test("takes the scenario file for the definition beside it", async () => {
    const byScenarios = await run(checkCommand, [join(folder, "bad.scenarios.yaml")]);
    expect(byScenarios).toEqual(await run(checkCommand, [join(folder, "bad.yaml")]));
  });

  test("gives scripts the whole of every finding", async () => {
    const { code, output } = await run(checkCommand, ["--json", join(folder, "bad.yaml"), LIGHT]);
    expect(code).toBe(1);
    const answer: unknown = JSON.parse(output);
    expect(answer).toMatchObject({
      ok: false,
      files: [
        {
          findings: [
            { rule: "malformed-value", severity: "error", pointer: "/version", line: 2 },
            {},
            {},
          ],
        },
        { findings: [{}, {}] },
        { file: LIGHT, findings: [] },
        { findings: [] },
      ],
    });
  });

  test("colours for terminals only, and speaks Chinese to who reads it", async () => {
    const file = join(folder, "bad.yaml");
    expect((await run(checkCommand, [file], { colour: true })).output).toContain("\u001b[31merror");
    expect((await run(checkCommand, [file])).output).not.toContain("\u001b");
    expect((await run(checkCommand, [file], { language: "zh" })).output).toContain("4 个错误");
  });

  test("says in one line which file can't be read", async () => {
    const missing = join(folder, "missing.yaml");
    const { code, complaint } = await run(checkCommand, [missing]);
    expect([code, complaint]).toEqual([1, `error: ${missing}: can't be read (ENOENT)\n`]);
    const alone = join(folder, "alone.scenarios.yaml");
    expect((await run(checkCommand, [alone])).complaint).toContain(
      "expected the definition beside it",
    );
  });

  test("refuses unknown options, and to check nothing", async () => {
    expect((await run(checkCommand, ["--jsn", LIGHT])).code).toBe(1);
    expect((await run(checkCommand, [])).code).toBe(1);
  });
});
