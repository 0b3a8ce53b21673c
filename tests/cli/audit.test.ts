/** `sevenstep audit`: everything is looked at, what is wrong is named, and the report can be checked by whoever has the key. */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { auditCommand } from "../../src/cli/audit.ts";
import { openPgliteFolder } from "../../src/store/pglite.ts";
import { run } from "./fake-terminal.ts";
import { garageFolder, type Folder } from "./garage-database.ts";

describe("sevenstep audit", () => {
  let folder: Folder;
  let report = "";
  const told: string[] = [];
  const audit = (...args: readonly string[]) =>
    run(
      (terminal) => auditCommand(terminal, (line) => told.push(line)),
      ["--out", report, ...args],
    );

  beforeEach(async () => {
    folder = await garageFolder();
    report = join(folder.path, "report.md");
    told.length = 0;
  });
  afterEach(() => folder.remove());

  async function change(statement: string): Promise<void> {
    const database = await openPgliteFolder(folder.path);
    await sql.raw(statement).execute(database.db);
    await database.close();
  }

  test("finds nothing wrong, and signs a report that holds against its key alone", async () => {
    await folder.drive([["ACCEPT", "START", "STOP"], ["ACCEPT"], []]);
    const { code, output } = await audit();
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(output).toContain("3 orders with 7 entries: nothing was found wrong.");
    const key = output.trim().split("\n").at(-1) ?? "";
    const checked = await audit("--check", report, "--key", key);
    expect(checked.output).toContain("Nothing was found wrong.");
    expect(checked.output).toContain("未发现任何问题。");
    const text = await readFile(report, "utf8");
    await writeFile(report, text.replace("Orders: 3", "Orders: 4"));
    expect((await audit("--check", report, "--key", key)).code).toBe(1);
  });

  test("names an entry that was edited in the database by order, revision and field", async () => {
    const [, second = ""] = await folder.drive([["ACCEPT"], ["ACCEPT", "START"], []]);
    await change(
      `update entries set line = replace(line, '"sub":"al"', '"sub":"bo"') where order_id = '${second}' and revision = 2`,
    );
    const { code, output } = await audit();
    expect(code).toBe(1);
    expect(output).toContain(`order ${second}, entry 2, hash`);
    expect(output).toContain("1 found wrong.");
  });

  test("goes on where it was, and with no other audit", async () => {
    await folder.drive([["ACCEPT"]]);
    const state = join(folder.path, "audit-state.json");
    const progress = {
      ...{ phase: "log", after: null, orders: 41, entries: 99, tooNew: 0, wrong: 0 },
      ...{ findings: [], log: null },
    };
    const subject = { v: 1, database: folder.path, from: null, to: null };
    await writeFile(
      state,
      JSON.stringify({ ...subject, began: "2026-01-01T00:00:00.000Z", progress }),
    );
    expect((await audit("--from", "2026-01-01")).complaint).toContain("the state of another audit");
    const { output } = await audit();
    expect(told[0]).toContain("2026-01-01T00:00:00.000Z");
    expect(output).toContain("41 orders with 99 entries");
    expect((await audit()).output).toContain("1 orders with 2 entries");
  });

  test.each([
    ["--from", "march"],
    ["--threads", "0"],
    ["--log-key", "x"],
    ["--check", "x"],
  ])("refuses %s %s", async (...args) => {
    expect((await audit(...args)).code).toBe(1);
  });
});
