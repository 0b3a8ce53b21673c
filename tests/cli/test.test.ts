/** `sevenstep test` as a person and as a script see it. */

import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { testCommand } from "../../src/cli/test.ts";
import { run } from "./fake-terminal.ts";

const FIXTURES = new URL("../design/fixtures/", import.meta.url).pathname;
const LIGHT = join(FIXTURES, "traffic-light.yaml");
const APPROVAL = join(FIXTURES, "approval.scenarios.yaml");

let folder = "";
let failing = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sevenstep-test-"));
  failing = join(folder, "light.yaml");
  await copyFile(LIGHT, failing);
  const text = await readFile(join(FIXTURES, "traffic-light.scenarios.yaml"), "utf8");
  await writeFile(
    join(folder, "light.scenarios.yaml"),
    text.replace("{ state: lit.green } }", "{ state: lit.red } }"),
  );
  await copyFile(LIGHT, join(folder, "alone.yaml"));
  await writeFile(join(folder, "broken.yaml"), "process: broken\n");
  await writeFile(join(folder, "broken.scenarios.yaml"), "actors: {}\n");
});

afterAll(() => rm(folder, { recursive: true }));

describe("sevenstep test", () => {
  test("runs the scenarios of definitions, named by either file, and exits with 0", async () => {
    const { code, output } = await run(testCommand, [LIGHT, APPROVAL]);
    expect(code).toBe(0);
    expect(output).toContain("traffic-light 1.0.0");
    expect(output).toContain("✓ two-rounds  Two rounds, then it is worn  5 steps, 3 min");
    expect(output).toContain("2 passed, 0 failed");
    expect(output).toContain("Reached by the scenarios: 100.0 %");
  });

  test("tells where a scenario does not hold, and exits with 1", async () => {
    const { code, output } = await run(testCommand, [failing]);
    expect(code).toBe(1);
    expect(output).toContain("✗ two-rounds");
    expect(output).toMatch(/light\.scenarios\.yaml:14 {2}step 2: wait PT1S/);
    expect(output).toMatch(/expected {2}lit\.red\n +found {2}lit\.green/);
    expect(output).toContain("1 passed, 1 failed");
  });

  test("runs the named scenarios only, and lists what these leave out", async () => {
    const { code, output } = await run(testCommand, ["--only", "stopped", failing, APPROVAL]);
    expect(code).toBe(0);
    expect(output).toContain("1 passed, 0 failed");
    expect(output).not.toContain("approval");
    expect(output).toMatch(/States that no scenario enters:\n.*light\.yaml:\d+ {2}lit\.amber/);
  });

  test("refuses a scenario that is in none of the files", async () => {
    const { code, complaint } = await run(testCommand, ["--only", "stoped", LIGHT]);
    expect(code).toBe(1);
    expect(complaint).toContain('found "stoped"');
  });

  test("holds the coverage to a bound", async () => {
    const only = ["--only", "stopped", LIGHT];
    expect((await run(testCommand, ["--min-coverage", "50", ...only])).code).toBe(0);
    const { code, output } = await run(testCommand, ["--min-coverage", "100", ...only]);
    expect(code).toBe(1);
    expect(output).toContain("expected at least 100 %");
    expect((await run(testCommand, ["--min-coverage", "100", LIGHT])).code).toBe(0);
    expect((await run(testCommand, ["--min-coverage", "much", LIGHT])).complaint).toContain(
      "expected a number from 0 to 100",
    );
  });

  test("gives scripts the whole report", async () => {
    const { code, output } = await run(testCommand, ["--json", failing]);
    expect(code).toBe(1);
    const answer: unknown = JSON.parse(output);
    expect(answer).toMatchObject({
      passed: false,
      suites: [
        {
          passed: false,
          process: "traffic-light",
          version: "1.0.0",
          digest: expect.stringMatching(/^[0-9a-f]{64}$/),
          scenarios: [
            {
              id: "two-rounds",
              passed: false,
              failure: {
                step: 2,
                line: 14,
                mismatches: [{ aspect: "state", expected: "lit.red" }],
              },
            },
            { id: "stopped", passed: true, failure: null, virtualMs: 172_800_000 },
          ],
          coverage: {
            percent: 50,
            states: {
              total: 6,
              reached: 4,
              missing: [{ label: "lit.amber", line: 18 }, { label: "worn" }],
            },
          },
        },
      ],
    });
  });

  test("speaks Chinese to who reads it", async () => {
    const { output } = await run(testCommand, [LIGHT], { language: "zh" });
    expect(output).toContain("✓ two-rounds  两轮之后报废  5 步, 3 分");
    expect(output).toContain("通过 2 个，失败 0 个");
  });

  test("can't run what is malformed, or has no scenarios, and says so", async () => {
    const alone = await run(testCommand, [join(folder, "alone.yaml")]);
    expect(alone.code).toBe(1);
    expect(alone.output).toContain("expected a scenario file beside it, found none");
    const broken = await run(testCommand, ["--json", join(folder, "broken.yaml")]);
    expect(broken.code).toBe(1);
    expect(broken.output).toContain("missing-key");
    expect(broken.output).toContain("scenario-missing-key");
  });
});
