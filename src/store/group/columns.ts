/** Rows of many orders as arrays, one parameter per column: how a batch's statement takes them, and how they are encoded. */

import { bytesArray, instantArray, integerArray, textArray } from "./binary-arrays.ts";

/** A column by what it holds. */
export type Column<Row> =
  | { readonly type: "text"; readonly of: (row: Row) => string | null }
  | { readonly type: "bytes"; readonly of: (row: Row) => Uint8Array }
  | { readonly type: "integer"; readonly of: (row: Row) => number | null }
  /** Epoch milliseconds. */
  | { readonly type: "instant"; readonly of: (row: Row) => number | null };

export type Columns<Row> = Readonly<Record<string, Column<Row>>>;

const SQL_TYPES = {
  text: "text[]",
  bytes: "bytea[]",
  integer: "integer[]",
  instant: "timestamptz[]",
} as const satisfies Record<Column<never>["type"], string>;

export function text<Row>(of: (row: Row) => string | null): Column<Row> {
  return { type: "text", of };
}

export function bytes<Row>(of: (row: Row) => Uint8Array): Column<Row> {
  return { type: "bytes", of };
}

export function integer<Row>(of: (row: Row) => number | null): Column<Row> {
  return { type: "integer", of };
}

export function instant<Row>(of: (row: Row) => number | null): Column<Row> {
  return { type: "instant", of };
}

/** @param first number of the first parameter @returns `unnest(...) as name (columns)` */
export function unnested<Row>(name: string, columns: Columns<Row>, first: number): string {
  const parameters = Object.values(columns).map(
    ({ type }, index) => `$${first + index}::${SQL_TYPES[type]}`,
  );
  return `unnest(${parameters.join(", ")}) as ${name} (${Object.keys(columns).join(", ")})`;
}

/** In the order of the columns. */
export function encoded<Row>(columns: Columns<Row>, rows: readonly Row[]): readonly Buffer[] {
  return Object.values(columns).map((column) => encodedColumn(column, rows));
}

function encodedColumn<Row>(column: Column<Row>, rows: readonly Row[]): Buffer {
  switch (column.type) {
    case "text":
      return textArray(rows.map(column.of));
    case "bytes":
      return bytesArray(rows.map(column.of));
    case "integer":
      return integerArray(rows.map(column.of));
    case "instant":
      return instantArray(rows.map(column.of));
  }
}
