/** How a statement comes to the rows of each table, as Postgres itself plans it: by which columns they are told apart. */

import pg from "pg";

import { isJsonArray, isJsonObject, type Json } from "../../machines/json.ts";

export interface Scan {
  readonly table: string;
  /** Columns that are equal to a parameter, or to a column of what was found before. */
  readonly bound: readonly string[];
  /** Those of them that are equal to a parameter. */
  readonly given: readonly string[];
}

export interface Look {
  readonly scans: readonly Scan[];
  /** Tables that it writes to, each as often as it does. */
  readonly written: readonly string[];
}

/** Joins are planned row by row, so that what binds a table stands at its scan. */
const PLANNING = `
  set plan_cache_mode = force_generic_plan;
  set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off; set enable_material = off`;

/** Where a plan says by what rows are chosen. */
const CONDITIONS = ["Index Cond", "Recheck Cond", "Filter"];

export async function scansOf(url: string, statement: string): Promise<readonly Scan[]> {
  return (await lookInto(url, statement)).scans;
}

export async function lookInto(url: string, statement: string): Promise<Look> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(PLANNING);
    await client.query(`prepare seen as ${statement}`);
    const { rows } = await client.query<{ readonly count: number }>(
      "select cardinality(parameter_types) as count from pg_prepared_statements",
    );
    const values = Array<string>(rows[0]?.count ?? 0).fill("null");
    const parameters = values.length === 0 ? "" : `(${values.join(", ")})`;
    const plan = await client.query<{ readonly "QUERY PLAN": Json }>(
      `explain (format json) execute seen${parameters}`,
    );
    const found = plan.rows[0]?.["QUERY PLAN"] ?? null;
    return { scans: scansIn(found), written: writtenIn(found) };
  } finally {
    await client.end();
  }
}

/** An index without a table of its own name belongs to the heap scan above it. */
function scansIn(plan: Json): readonly Scan[] {
  if (isJsonArray(plan)) return plan.flatMap(scansIn);
  if (!isJsonObject(plan)) return [];
  const below = Object.values(plan).flatMap(scansIn);
  const { "Relation Name": table, "Node Type": type } = plan;
  if (typeof table !== "string" || type === "ModifyTable") return below;
  return [{ table, bound: boundIn(plan), given: boundIn(plan, String.raw`\$\d`) }, ...below];
}

function writtenIn(plan: Json): readonly string[] {
  if (isJsonArray(plan)) return plan.flatMap(writtenIn);
  if (!isJsonObject(plan)) return [];
  const below = Object.values(plan).flatMap(writtenIn);
  const { "Relation Name": table, "Node Type": type } = plan;
  return typeof table === "string" && type === "ModifyTable" ? [table, ...below] : below;
}

function boundIn(plan: { readonly [key: string]: Json }, to = ""): readonly string[] {
  const conditions = CONDITIONS.map((name) => plan[name]).filter(
    (text) => typeof text === "string",
  );
  return conditions.flatMap((text) =>
    [...text.matchAll(new RegExp(String.raw`\((?:\w+\.)?(\w+) = ${to}`, "g"))].map(
      ([, column]) => column ?? "",
    ),
  );
}
