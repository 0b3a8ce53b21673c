/** `sevenstep migrate`: one order, from the shell. */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readRules } from "../../machines/migrate/read-rules.ts";
import { migrateCommand } from "../../src/cli/migrate.ts";
import { run } from "./fake-terminal.ts";
import { garageFolder, type Folder } from "./garage-database.ts";

const RULES = `# from the first to the second
states:
  work.hands.doing: work.hands.busy
data: { lane: '= broken ? "scrap" : "fast"' }
`;

describe("sevenstep migrate", () => {
  let folder: Folder;
  let id = "";
  const migrate = (...args: readonly string[]) =>
    run(migrateCommand, [id, "--to", "2.0.0", "--by", "root", ...args]);

  beforeEach(async () => {
    folder = await garageFolder();
    [id = ""] = await folder.drive([["ACCEPT", "START"]]);
  });
  afterEach(() => folder.remove());

  async function file(text: string): Promise<string> {
    const path = join(folder.path, "rules.yaml");
    await writeFile(path, text);
    return path;
  }

  test("shows what would happen, does it, and says what it came to", async () => {
    const rules = await file(RULES);
    const shown = await migrate("--rules", rules, "--dry-run");
    expect(shown).toMatchObject({ code: 0, complaint: "" });
    expect(shown.output).toBe(`${id} would go from 1.0.0 to 2.0.0.
  state: {"work":{"hands":"doing","papers":"form"}} -> {"work":{"hands":"busy","papers":"form"}}
  data: lane
  tasks (begin): work.hands.busy
  tasks (end): work.hands.doing
`);
    const done = await migrate("--rules", rules, "--json");
    expect(JSON.parse(done.output)).toMatchObject({
      ...{ order: id, revision: 4, from: "1.0.0", to: "2.0.0" },
      payload: { states: { "work.hands.doing": ["work.hands.busy"] }, data: { lane: "fast" } },
    });
    expect(await migrate("--rules", rules)).toMatchObject({ code: 1 });
  });

  test("refuses an order without a place, in words", async () => {
    const { code, complaint } = await migrate();
    expect(code).toBe(1);
    expect(complaint).toContain("migration-undecided");
    expect(complaint).toContain('no state "work.hands.doing"');
    expect((await run(migrateCommand, [id, "--to", "2.0.0"])).complaint).toContain("--by");
  });

  test("names what is wrong with the rules, by line", async () => {
    const unknown = await migrate("--rules", await file("states:\n  work.feet: work\n"));
    expect(unknown.complaint).toMatch(/rules\.yaml:2 {2}error {2}migration-unknown-name/);
    const shape = await migrate("--rules", await file("states: 5\nhow: come\n"));
    expect(shape.complaint).toMatch(/rules\.yaml:1 {2}error {2}migration-shape/);
    const absent = await migrate("--rules", join(folder.path, "nowhere.yaml"));
    expect(absent.complaint).toContain("found no such file");
  });
});

describe("readRules", () => {
  test.each([
    ["", {}],
    ["# nothing", {}],
    ["states: { a: [b, c] }", { states: { a: ["b", "c"] } }],
    ["states: { a: [] }", { states: { a: [] } }],
    [
      "items: { lines: { to: addOns, drop: [x] } }",
      { items: { lines: { to: "addOns", drop: ["x"] } } },
    ],
  ])("reads %j", (text, rules) => {
    expect(readRules(text)).toMatchObject({ rules, findings: [] });
  });

  test.each(["[]", "states: { a: 5 }", "data: [1]", "items: { a: { from: b } }", "a: &x 1"])(
    "refuses %j",
    (text) => {
      const { rules, findings } = readRules(text);
      expect(rules).toBe(null);
      expect(findings[0]).toMatchObject({ severity: "error", line: expect.any(Number) });
    },
  );
});
