/** An operator's commands for large deployments: months of the archive, and the script for several machines. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { archiveCommand } from "../../src/cli/archive.ts";
import { distributeCommand } from "../../src/cli/distribute.ts";
import { openStore } from "../../src/store/open.ts";
import { everything, next } from "../store/fixtures.ts";
import { run } from "./fake-terminal.ts";

const DAY = 86_400_000;
const JANUARY = Date.UTC(2026, 0, 20);

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sevenstep-archive-"));
  vi.stubEnv("SEVENSTEP_DATA", folder);
  vi.stubEnv("DATABASE_URL", "");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** An order that was closed in January 2026, in the archive. */
async function archived(): Promise<void> {
  let now = JANUARY;
  const store = await openStore({ dataFolder: folder, ports: { clock: () => now } });
  await store.migrate();
  await store.change("o1", (current, at) => next(current, at, { head: { status: "done" } }));
  await store.feed.sequence(10);
  now += 2 * DAY;
  expect(await store.archive.move({ olderThanMs: DAY, after: null, entries: 10 })).toMatchObject({
    orders: 1,
  });
  await store.close();
}

describe("sevenstep archive", () => {
  test("lists months, takes one out, and puts it back", async () => {
    await archived();
    expect((await run(archiveCommand, ["list"])).output).toMatch(/^2026-01 {2}\d+\.\d MB\n$/);
    const out = await run(archiveCommand, ["detach", "2026-01"]);
    expect([out.code, out.output]).toEqual([
      0,
      expect.stringContaining("-t archived_orders_2026_01 -t archived_entries_2026_01"),
    ]);
    expect((await run(archiveCommand, ["list"])).output).toContain("beside the archive");
    expect(await run(archiveCommand, ["detach", "2026-01"])).toMatchObject({
      code: 1,
      complaint: "error: expected 2026-01 in the archive, found no such month\n",
    });
    expect((await run(archiveCommand, ["attach", "2026-01"])).code).toBe(0);
    expect((await run(archiveCommand, ["attach", "2026-01"])).code).toBe(1);
    const store = await openStore({ dataFolder: folder });
    expect(await store.orders.get("o1", everything)).toMatchObject({ status: "done" });
    await store.close();
  });

  test.each([["detach", "2026-13"], ["detach", "march"], ["attach"], ["burn", "2026-01"]])(
    "refuses %s %s",
    async (...args) => {
      const { code, output } = await run(archiveCommand, args);
      expect([code, output]).toEqual([1, ""]);
    },
  );
});

describe("sevenstep distribute", () => {
  test("prints a script for as many shards as are wanted", async () => {
    const { code, output } = await run(distributeCommand, ["--shards", "64"]);
    expect(code).toBe(0);
    expect(output).toContain("create_distributed_table('orders', 'id', shard_count => 64");
    for (const shards of ["0", "4097", "x", "1.5"]) {
      expect((await run(distributeCommand, ["--shards", shards])).code).toBe(1);
    }
  });
});
