/** `sevenstep export` and `sevenstep conformance`, from the shell. */

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { conformanceCommand } from "../../src/cli/conformance.ts";
import { exportCommand } from "../../src/cli/export.ts";
import { migrateCommand } from "../../src/cli/migrate.ts";
import { listen } from "../../src/http/listen.ts";
import { openPgliteFolder } from "../../src/store/pglite.ts";
import { ocelFile } from "../audit/export/ocel-schema.ts";
import { asking, embeddedServer, PARCEL, publish, tokenFor } from "../http/server.ts";
import { run } from "./fake-terminal.ts";
import { garageFolder, type Folder } from "./garage-database.ts";

const ROADS = [["ACCEPT", "START"], ["ACCEPT", "START"], ["ACCEPT"]];
const RULES = 'states: { work.hands.doing: work.hands.busy }\ndata: { lane: "= \\"fast\\"" }\n';

let folder: Folder;
let ids: readonly string[] = [];
let told: string[] = [];

beforeEach(async () => {
  folder = await garageFolder();
  ids = await folder.drive(ROADS);
  told = [];
});
afterEach(() => folder.remove());

const exporting = (...args: readonly string[]) =>
  run((terminal) => exportCommand(terminal, (line) => told.push(line)), args);
const conforming = (...args: readonly string[]) =>
  run((terminal) => conformanceCommand(terminal, (line) => told.push(line)), args);

describe("sevenstep export", () => {
  test("writes a log to the standard output, or a file that appears when it is whole", async () => {
    const { code, output } = await exporting();
    expect([code, ocelFile(output).events.length]).toEqual([0, 8]);
    const file = join(folder.path, "garage.xes");
    expect((await exporting("--format", "xes", "--out", file)).code).toBe(0);
    expect((await readFile(file, "utf8")).match(/<trace>/g)).toHaveLength(3);
    expect(told.at(-1)).toBe(`3 orders, 8 entries in ${file}\n`);
    expect((await readdir(folder.path)).filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  test("writes an SQLite file with the same events, objects and relations", async () => {
    const { events, objects } = ocelFile((await exporting()).output);
    const file = join(folder.path, "garage.sqlite");
    expect((await exporting("--format", "ocel2-sqlite", "--out", file)).code).toBe(0);
    const database = new DatabaseSync(file, { readOnly: true });
    const rows = database.prepare("select ocel_id, ocel_type from event order by ocel_id").all();
    expect(rows.map((row) => row["ocel_id"])).toEqual(events.map(({ id }) => id).toSorted());
    const relations = database.prepare("select count(*) as count from event_object").get();
    expect(relations?.["count"]).toBe(events.flatMap((event) => event.relationships).length);
    const states = database
      .prepare(
        `select ocel_changed_field as field, state from "object_work_order" where ocel_id = ? and state is not null order by ocel_time, rowid`,
      )
      .all(ids[2] ?? "");
    expect(states.map((row) => [row["field"], row["state"]])).toEqual(
      objects
        .find(({ id }) => id === ids[2])
        ?.attributes.filter(({ name }) => name === "state")
        .map(({ value }, index) => [index === 0 ? null : "state", value]),
    );
    database.close();
  });

  test("tells an order's later version, and from which one it came", async () => {
    const rules = join(folder.path, "rules.yaml");
    await writeFile(rules, RULES);
    const [id = ""] = ids;
    const args = [id, "--to", "2.0.0", "--by", "root", "--rules", rules];
    expect(await run(migrateCommand, args)).toMatchObject({ code: 0 });
    const { events, objects } = ocelFile((await exporting()).output);
    const migrated = events.find(({ type }) => type === "order.migrated");
    expect(migrated?.attributes.filter(({ name }) => name.endsWith("version"))).toEqual([
      { name: "sevenstep.from.version", value: "1.0.0" },
      { name: "sevenstep.to.version", value: "2.0.0" },
    ]);
    const order = objects.find((each) => each.id === id);
    expect(order?.attributes.filter(({ name }) => name === "version")).toMatchObject([
      { value: "1.0.0" },
      { value: "2.0.0", time: migrated?.time },
    ]);
  });

  test("refuses what it can't do, in words, and leaves no file", async () => {
    const file = join(folder.path, "garage.ndjson");
    expect((await exporting("--period", "March")).complaint).toContain("such as 2026-03");
    expect((await exporting("--format", "ocel2-sqlite")).complaint).toContain("--out");
    const database = await openPgliteFolder(folder.path);
    await sql`
      update entries set line = replace(line, '"sub":"al"', '"sub":"bo"')
      where order_id = ${ids[1] ?? ""} and revision = 2`.execute(database.db);
    await database.close();
    const { code, complaint } = await exporting("--format", "ndjson", "--out", file);
    expect(code).toBe(1);
    expect(complaint).toContain(
      `order ${ids[1]} diverges at revision 2, in hash: nothing was written`,
    );
    expect((await readdir(folder.path)).filter((name) => name.includes("ndjson"))).toEqual([]);
  });
});

describe("sevenstep conformance", () => {
  test("tells the ways as text, JSON and a picture, in the reader's language", async () => {
    const svg = join(folder.path, "ways.svg");
    const { code, output } = await conforming("garage", "--svg", svg);
    expect([code, output.split("\n")[0]]).toEqual([0, "garage: 3 orders, 0 ended, 3 under way"]);
    expect(await readFile(svg, "utf8")).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    const { output: json } = await conforming("garage", "--by", "state", "--json");
    expect(JSON.parse(json).states.moves.map(({ orders }: { orders: number }) => orders)).toEqual(
      expect.arrayContaining([3, 3, 2]),
    );
    const chinese = await run((terminal) => conformanceCommand(terminal, () => {}), ["garage"], {
      language: "zh",
    });
    expect(chinese.output).toContain("garage：共 3 张工单，已结束 0，进行中 3");
  });

  test("fails where there is nothing to tell of", async () => {
    const { code, complaint } = await conforming("parcel");
    expect([code, complaint]).toEqual([1, "error: no order of this process began then\n"]);
    expect((await conforming("garage", "--rare", "many")).complaint).toContain("0 to 100");
  });
});

describe("with an address, the same", () => {
  test("comes from a server, as a file and as a report; what it refuses is said", async () => {
    const server = await embeddedServer();
    const listening = await listen(server.app, { port: 0, host: "127.0.0.1" });
    await publish(asking(server), PARCEL);
    for (const road of [["PICK_UP", "MISS"], ["PICK_UP"]]) {
      const body = { process: "parcel", data: { to: "Grace Hopper" } };
      const { id } = (await asking(server)("/v1/work-orders", { body })).body;
      for (const type of road) {
        const path = `/v1/work-orders/${id}/events`;
        await asking(server)(path, { token: await tokenFor("courier"), body: { type } });
      }
    }
    const access = ["--url", listening.url, "--token", await tokenFor("auditor")];
    const file = join(folder.path, "parcels.jsonocel");
    expect((await exporting("--out", file, ...access)).code).toBe(0);
    expect(ocelFile(await readFile(file, "utf8")).events).toHaveLength(5);
    const { output } = await conforming("parcel", ...access);
    expect(output.split("\n")[0]).toBe("parcel: 2 orders, 0 ended, 2 under way");
    const asCourier = ["--url", listening.url, "--token", await tokenFor("courier")];
    expect((await exporting(...asCourier)).complaint).toContain("admin or auditor");
    const sqlite = ["--format", "ocel2-sqlite", "--out", file];
    expect((await exporting(...sqlite, ...access)).complaint).toContain("beside the database");
    await listening.drain(100);
    await server.close();
  });
});
