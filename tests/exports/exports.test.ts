/** Exports of walked orders, living and archived, agree with the standards, with each other and with the database. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { EXPORT_FORMATS } from "../../src/audit/export/writer.ts";
import { createRebuild } from "../../src/audit/rebuild.ts";
import { createLibrary } from "../../src/runtime/definitions.ts";
import { exportSqlite } from "../../src/runtime/export-sqlite.ts";
import { exportText } from "../../src/runtime/export-text.ts";
import { walkerOf } from "../audit/export/walked.ts";
import { describeOnDatabases } from "../support/databases.ts";
import { addressedIn } from "./addressed.ts";
import { checked, hasXmllint } from "./check.ts";
import { countsIn } from "./counts.ts";
import { fill } from "./fill.ts";

const ORDERS = 60;
const EVERYTHING = { centres: "*" } as const;
const how = hasXmllint ? "XES by xmllint" : "XES without xmllint, which is not installed";

describeOnDatabases("an export", (open, _kind, raw) => {
  test(`of ${ORDERS} orders is as the standards have it (${how}), and agrees with the database`, async () => {
    const store = await open({ rebuild: createRebuild() });
    const database = await raw();
    const walkers = ["service-visit", "traditional-4s"].map(walkerOf);
    await fill({ store, database, walkers, orders: ORDERS });
    const archived = await database.db.selectFrom("archive_places").select("order_id").execute();
    expect(archived.length).toBeGreaterThan(5);
    const expected = await countsIn(database, addressedIn(walkers));
    const reading = { store, library: createLibrary(store) };
    const folder = await mkdtemp(join(tmpdir(), "sevenstep-exports-"));
    const files = {
      ...{ ocel2: join(folder, "ocel2"), xes: join(folder, "xes"), ndjson: join(folder, "ndjson") },
      sqlite: join(folder, "sqlite"),
    };
    for (const format of EXPORT_FORMATS) {
      const pieces: string[] = [];
      for await (const piece of exportText(reading, { format }, EVERYTHING)) pieces.push(piece);
      await writeFile(files[format], pieces.join(""));
    }
    const sqlite = new DatabaseSync(files.sqlite);
    await exportSqlite(reading, sqlite, {}, EVERYTHING, () => undefined);
    sqlite.close();
    expect(expected.orders).toBe(ORDERS);
    const { orders, events } = expected;
    expect(await checked(files)).toEqual({
      ...{ ocel2: expected, sqlite: expected },
      ...{ xes: { orders, events }, ndjson: { orders, events } },
    });
    await rm(folder, { recursive: true });
  }, 120_000);
});
