/** Holds exports of one database against the standards, against each other, and against what the database counts. */

import { spawnSync } from "node:child_process";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { hashLine } from "../../src/audit/entry.ts";
import { ocelFile } from "../audit/export/ocel-schema.ts";
import type { Counts } from "./counts.ts";

export interface ExportFiles {
  readonly ocel2: string;
  readonly sqlite: string;
  readonly xes: string;
  readonly ndjson: string;
}

/** xmllint of libxml2; another program may be named. */
const XMLLINT = process.env["XMLLINT"] ?? "xmllint";
/** Another schema, such as the standard's own, may be named. */
const XES_SCHEMA =
  process.env["XES_SCHEMA"] ??
  new URL("../audit/export/standards/xes.xsd", import.meta.url).pathname;

export const hasXmllint = spawnSync(XMLLINT, ["--version"]).status === 0;

/** By format, what was counted in its file. @throws {Error} where one is not as its standard has it */
export async function checked(
  files: ExportFiles,
): Promise<{ readonly [Format in keyof ExportFiles]: Partial<Counts> }> {
  return {
    ocel2: await ocelCounts(files.ocel2),
    sqlite: sqliteCounts(files.sqlite),
    xes: await xesCounts(files.xes),
    ndjson: await lineCounts(files.ndjson),
  };
}

async function ocelCounts(path: string): Promise<Counts> {
  const { events, objects } = ocelFile(await readFile(path, "utf8"));
  const relations = (things: typeof events): number =>
    things.reduce((sum, { relationships }) => sum + relationships.length, 0);
  return {
    orders: objects.filter(({ type }) => type === "work-order").length,
    ...{ events: events.length, objects: objects.length },
    ...{ e2o: relations(events), o2o: relations(objects) },
  };
}

function sqliteCounts(path: string): Counts {
  const database = new DatabaseSync(path, { readOnly: true });
  const count = (text: string): number => Number(database.prepare(text).get()?.["count"]);
  const of = (table: string): number => count(`select count(*) as count from ${table}`);
  try {
    const broken = database.prepare("pragma foreign_key_check").all().length;
    if (broken > 0) throw new Error(`${broken} rows lead nowhere`);
    everyTypeHasItsTable(database, "event", "true");
    everyTypeHasItsTable(database, "object", "ocel_changed_field is null");
    return {
      orders: count("select count(*) as count from object where ocel_type = 'work-order'"),
      ...{ events: of("event"), objects: of("object") },
      ...{ e2o: of("event_object"), o2o: of("object_object") },
    };
  } finally {
    database.close();
  }
}

/** Each event, and each object as it was in the beginning, stands once in the table of its type. */
function everyTypeHasItsTable(database: DatabaseSync, kind: string, initial: string): void {
  const types = database.prepare(`select ocel_type, ocel_type_map from ${kind}_map_type`).all();
  for (const { ocel_type: type, ocel_type_map: mapped } of types) {
    const wanted = database
      .prepare(`select count(*) as count from ${kind} where ocel_type = ?`)
      .get(String(type));
    const found = database
      .prepare(
        `select count(*) as count from ${kind}_${String(mapped)} join ${kind} using (ocel_id)
        where ocel_type = ? and ${initial}`,
      )
      .get(String(type));
    if (wanted?.["count"] !== found?.["count"])
      throw new Error(`${String(type)} is not in its table`);
  }
}

async function xesCounts(path: string): Promise<Partial<Counts>> {
  if (hasXmllint) {
    // A log of any size: nothing of it is kept in memory.
    const found = spawnSync(
      XMLLINT,
      ["--noout", "--stream", "--huge", "--schema", XES_SCHEMA, path],
      {
        encoding: "utf8",
      },
    );
    if (found.status !== 0) throw new Error(found.stderr.slice(-2_000));
  }
  let orders = 0;
  let events = 0;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (line === "  <trace>") orders += 1;
    if (line === "    <event>") events += 1;
  }
  return { orders, events };
}

/** And each line is chained to the one before it. */
async function lineCounts(path: string): Promise<Partial<Counts>> {
  let orders = 0;
  let events = 0;
  let before = "";
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const { revision, prev } = JSON.parse(line);
    if (revision === 1) orders += 1;
    else if (prev !== before) throw new Error(`${line.slice(0, 80)} does not follow`);
    before = hashLine(line);
    events += 1;
  }
  return { orders, events };
}
