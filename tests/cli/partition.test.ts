/** `sevenstep partition` as an operator meets it: what it says beforehand, what it does, and what it refuses. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { partitionCommand } from "../../src/cli/partition.ts";
import { openStore } from "../../src/store/open.ts";
import { advance, everything } from "../store/fixtures.ts";
import { createDatabase } from "../support/databases.ts";
import { run } from "./fake-terminal.ts";

let created: Awaited<ReturnType<typeof createDatabase>>;

beforeEach(async () => {
  created = await createDatabase();
  vi.stubEnv("DATABASE_URL", created.url);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await created.drop();
});

async function opened() {
  const store = await openStore({ databaseUrl: created.url, dataFolder: "" });
  await store.migrate();
  return store;
}

describe("sevenstep partition", () => {
  test("says what it takes, lays the tables out, goes on from there, and back", async () => {
    const store = await opened();
    await advance(store, "o1");
    await store.close();
    const dry = await run(partitionCommand, ["--into", "4", "--dry-run"]);
    expect([dry.code, dry.complaint]).toEqual([0, ""]);
    expect(dry.output).toMatch(/^entries +one table, 0\.\d MB$/m);
    expect(dry.output).toMatch(/this takes \d+\.\d MB of free disk[^]*Count on 1 min/);
    expect(dry.output).not.toContain("done");
    const done = await run(partitionCommand, ["--into", "4"]);
    expect(done.code).toBe(0);
    expect(done.output).toMatch(/^entries: done in \d+ s$/m);
    expect(done.output).toMatch(/Done\. Servers may start\.\n$/);
    const again = await run(partitionCommand, ["--into", "4"]);
    expect(again.output).toMatch(/^entries +4 partitions, \d\.\d MB \(as wanted\)$/m);
    expect(again.output).toContain("All tables are as wanted.");
    expect((await run(partitionCommand, ["--into", "1"])).code).toBe(0);
    const after = await opened();
    expect(await after.orders.get("o1", everything)).toMatchObject({ revision: 1 });
    await after.close();
  });

  test("changes nothing beside a server, and says who is there", async () => {
    const store = await opened();
    await advance(store, "o1");
    const { code, complaint } = await run(partitionCommand, ["--into", "4"]);
    expect(code).toBe(1);
    expect(complaint).toMatch(
      /^error: expected nobody else on this database, found postgres@127\.0\.0\.1.*: stop every server, and whatever else is connected\nerror: nothing was changed\n$/,
    );
    const chinese = await run(partitionCommand, ["--into", "4"], { language: "zh" });
    expect(chinese.complaint).toContain("请停止所有服务器");
    await store.close();
  });

  test("refuses a database without the schema of this release", async () => {
    const { code, complaint } = await run(partitionCommand, ["--into", "4"]);
    expect([code, complaint]).toEqual([
      1,
      expect.stringMatching(/found it without 0001-definitions, .*: start one server of this/),
    ]);
  });

  test.each([["0"], ["65"], ["x"], ["1.5"], ["-1"]])("refuses %s partitions", async (into) => {
    const { code, output } = await run(partitionCommand, [`--into=${into}`]);
    expect([code, output]).toEqual([1, ""]);
  });

  test("refuses to do it inside the process", async () => {
    vi.stubEnv("DATABASE_URL", "");
    expect(await run(partitionCommand, ["--into", "4"])).toMatchObject({
      code: 1,
      complaint: expect.stringContaining("expected DATABASE_URL"),
    });
  });
});
