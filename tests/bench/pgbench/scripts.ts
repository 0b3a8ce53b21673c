/** Writes pgbench scripts that do to random orders what ours did to one, in many statements or in one. */

import type { Column, Written } from "./written-rows.ts";

/** What stands for the sample's values. */
export interface Sample {
  readonly orderId: string;
  /** The revision that the sample wrote. */
  readonly revision: number;
}

export interface Script {
  readonly text: string;
  /** Values of its variables, for `-D`: they go over the wire with each statement, as ours do. */
  readonly variables: { readonly [name: string]: string };
}

export type Form = "statements" | "one statement";

/** Each client has orders of its own, as the load generator's clients have. */
const CHOOSE = String.raw`\set n :client_id + :clients * random(0, :each - 1)
\set key random(0, 4611686018427387903)
`;
/** As `idOf` of the peers writes it. */
const ORDER_ID = "('01938f6e-0000-7000-8000-' || lpad(to_hex((:n)::integer), 12, '0'))";

/** @param prefix of the variables, so that several scripts can share one command line */
export function scriptOf(
  written: readonly Written[],
  sample: Sample,
  form: Form,
  prefix: string,
): Script {
  const variables: { [name: string]: string } = {};
  const variable = (value: string, { type }: Column): string => {
    const name = `${prefix}${Object.keys(variables).length}`;
    variables[name] = value;
    return `(:${name})::${type}`;
  };
  const context = { ...sample, variable };
  const text =
    form === "statements" ? statements(written, context) : oneStatement(written, context);
  return { text: `${CHOOSE}${text}`, variables };
}

interface Context extends Sample {
  readonly variable: (value: string, column: Column) => string;
}

function statements(written: readonly Written[], context: Context): string {
  const place = { id: ORDER_ID, revision: "((:revision)::integer + 1)", from: "" };
  const writes = written.map((each) => `${sqlOf(each, context, place)};\n`);
  const lock = `select revision from orders where id = ${ORDER_ID} for update \\gset\n`;
  return `begin;\n${lock}${writes.join("")}commit;\n`;
}

function oneStatement(written: readonly Written[], context: Context): string {
  const isHead = ({ table }: Written): boolean => table.name === "orders";
  const head = written
    .filter(isHead)
    .map((each) => sqlOf(each, context, { id: ORDER_ID, revision: "revision + 1", from: "" }));
  const place = { id: "head.id", revision: "head.revision", from: " from head" };
  const writes = written
    .filter((each) => !isHead(each))
    .map((each, number) => `w${number} as (${sqlOf(each, context, place)})`);
  return `with head as (${head.join("")} returning id, revision), ${writes.join(", ")} select 1;\n`;
}

/** How the row's order and its new revision are said; `from`: where they come from. */
interface Place {
  readonly id: string;
  readonly revision: string;
  readonly from: string;
}

function sqlOf(written: Written, context: Context, place: Place): string {
  const { table, kind, row, changed } = written;
  const isHead = table.name === "orders";
  const expression = (name: string): string => {
    const column = table.columns.find((each) => each.name === name);
    if (column === undefined) throw new Error(`${table.name} has no column ${name}`);
    return expressionOf(column, row[name] ?? null, context, place);
  };
  if (kind === "delete") {
    const owner = place.from === "" ? place.id : "(select id from head)";
    return `delete from ${table.name} where ${table.owner} = ${owner}`;
  }
  if (isHead) {
    const sets = changed.map((name) => `${name} = ${expression(name)}`);
    return `update ${table.name} set ${sets.join(", ")} where ${table.owner} = ${place.id}`;
  }
  const names = Object.keys(row);
  const insert = `insert into ${table.name} (${names.join(", ")}) select ${names.map(expression).join(", ")}${place.from}`;
  if (kind === "insert") return insert;
  // An order whose row is not there yet gets it.
  const keys = table.columns.filter(({ isKey }) => isKey).map(({ name }) => name);
  const sets = changed.map((name) => `${name} = excluded.${name}`);
  return `${insert} on conflict (${keys.join(", ")}) do update set ${sets.join(", ")}`;
}

const HEX = /^[0-9a-f]{32,}$/;

/** What names the order, its revision, an instant or a request must differ from one transition to the next. */
function expressionOf(
  column: Column,
  value: string | null,
  { orderId, revision, variable }: Context,
  place: Place,
): string {
  const { name, type, isKey } = column;
  if (value === null) return `null::${type}`;
  if (value === orderId) return place.id;
  if (value === `{${orderId}}`) return `array[${place.id}]`;
  if (value === `{${revision}}`) return `array[${place.revision}]`;
  if (type === "integer" && value === String(revision)) return place.revision;
  if (type === "timestamp with time zone") return "clock_timestamp()";
  if (isKey && value.startsWith(`${revision}.`)) return `${place.revision} || '.0'`;
  if (isKey && name === "id" && HEX.test(value)) {
    return `left(repeat(md5((:key)::text), 4), ${value.length})`;
  }
  return variable(value, column);
}
