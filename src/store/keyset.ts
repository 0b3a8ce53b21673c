/**
 * Pages of a list: a cursor is the sort key of the last row given, so that rows that move never shift a page; it is
 * bound to its list and to the filters it was given under.
 */

import { createHash } from "node:crypto";

import { sql, type RawBuilder } from "kysely";

import { BadCursor } from "./errors.ts";
import type { Page } from "./store.ts";
import { hasTimestamp, timestamp } from "./timestamp.ts";

/** How a list is sorted: `columns` together are unique, and none of them is ever null. */
export interface Keyset {
  /** Its name, so that no cursor is taken for one of another list. */
  readonly list: string;
  readonly columns: readonly (readonly [column: string, kind: KeyKind])[];
  readonly direction: "asc" | "desc";
  /**
   * A column that follows the first one in steps: an index holds it where the first changes too often for any. To sort by
   * it and then by the others is to sort by the others.
   */
  readonly steps?: {
    readonly column: string;
    /** @param first an SQL expression in place of the first column */
    readonly of: (first: RawBuilder<unknown>) => RawBuilder<unknown>;
  };
}

export type KeyKind = "instant" | "integer" | "text";

/** A filter and the page wanted of what it lets through: all but these two members binds the cursor. */
export interface PageRequest {
  readonly limit: number;
  /** As given by the page before. */
  readonly cursor?: string;
}

/** Of the rows behind the cursor; all rows when there is none. @throws {BadCursor} when no page of this list gave it */
export function behind(keyset: Keyset, request: PageRequest): RawBuilder<boolean> {
  if (request.cursor === undefined) return sql<boolean>`true`;
  const key = keyIn(keyset, request, request.cursor);
  const columns = keyset.columns.map(([column]) => sql.ref(column));
  const operator = keyset.direction === "asc" ? sql`>` : sql`<`;
  const isBehind = sql<boolean>`(${sql.join(columns)}) ${operator} (${sql.join(key)})`;
  const { steps } = keyset;
  const [first] = key;
  if (steps === undefined || first === undefined) return isBehind;
  return sql<boolean>`(${sql.ref(steps.column)} ${operator}= ${steps.of(first)} and ${isBehind})`;
}

/** For `order by`. */
export function sorted({ columns, direction, steps }: Keyset): RawBuilder<unknown> {
  const suffix = direction === "asc" ? sql`` : sql` desc`;
  const names = columns.map(([column]) => column);
  const all = steps === undefined ? names : [steps.column, ...names];
  return sql`${sql.join(all.map((column) => sql`${sql.ref(column)}${suffix}`))}`;
}

/** One row more than a page holds tells whether another page follows. */
export function rowsWanted({ limit }: PageRequest): number {
  return limit + 1;
}

/** @param rows at most `rowsWanted` @param keyOf the values of the keyset's columns, in their order */
export function pageOf<Row>(
  keyset: Keyset,
  request: PageRequest,
  rows: readonly Row[],
  keyOf: (row: Row) => readonly (string | number)[],
): Page<Row> {
  const items = rows.slice(0, request.limit);
  const last = items.at(-1);
  const more = rows.length > request.limit && last !== undefined;
  return { items, nextCursor: more ? encoded([bond(keyset, request), ...keyOf(last)]) : null };
}

function keyIn(
  keyset: Keyset,
  request: PageRequest,
  cursor: string,
): readonly RawBuilder<unknown>[] {
  const [bound, ...values] = decoded(cursor);
  const key = keyset.columns.map(([, kind], index) => bind(kind, values[index]));
  if (typeof bound !== "string" || values.length !== key.length) throw notACursor();
  if (bound !== bond(keyset, request)) {
    throw new BadCursor(
      "The cursor was given for another list or under other filters: repeat those filters, or start again without a cursor.",
    );
  }
  return key;
}

function bind(kind: KeyKind, value: unknown): RawBuilder<unknown> {
  switch (kind) {
    case "instant":
      if (typeof value === "number" && hasTimestamp(value)) {
        return sql`${timestamp(value)}::timestamptz`;
      }
      break;
    case "integer":
      if (Number.isSafeInteger(value)) return sql`${value}::bigint`;
      break;
    case "text":
      // Postgres keeps no U+0000 in a text.
      if (typeof value === "string" && !value.includes("\0")) return sql`${value}::text`;
  }
  throw notACursor();
}

/** Says under what a cursor was given. Nobody gains by forging it: what may be seen is decided for each page anew. */
function bond(keyset: Keyset, request: PageRequest): string {
  const { limit: _limit, cursor: _cursor, ...filter } = request;
  const given = Object.entries(filter).toSorted(([one], [other]) => (one < other ? -1 : 1));
  const text = JSON.stringify([keyset.list, given]);
  return createHash("sha256").update(text).digest("base64url").slice(0, BOND_LENGTH);
}

/** Of base64url: 66 bits, more than two filters will ever share. */
const BOND_LENGTH = 11;

function encoded(values: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(values)).toString("base64url");
}

function decoded(cursor: string): readonly unknown[] {
  try {
    const values: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    if (Array.isArray(values)) return values;
  } catch {
    // Answered below like everything else that is no cursor.
  }
  throw notACursor();
}

function notACursor(): BadCursor {
  return new BadCursor("The cursor is not one that a page gave: start again without a cursor.");
}
