/** Histories from whoever answers in pages: stored lines, what the asker may see of persons, and definitions by digest. */

import { resolve } from "../../../machines/document/pointer.ts";
import type { Json, JsonObject } from "../../../machines/json.ts";
import type { Instant } from "../../../machines/order.ts";
import type { Entry } from "../../audit/entry.ts";
import { parseLine } from "../../audit/parse-line.ts";
import type { Histories } from "./histories.ts";

export interface Pages {
  /** Verbatim, after a revision; null: no such order. An empty page is the end. */
  readonly lines: (id: string, after: number) => Promise<readonly string[] | null>;
  /** Values stand in the payload where the asker may see them. An empty page is the end. */
  readonly payloads: (id: string, after: number) => Promise<readonly Opened[]>;
  /** Newest change first. */
  readonly orders: (process: string, cursor: string | null) => Promise<OrderPage>;
  /** Its canonical text. */
  readonly definition: (process: string, digest: string) => Promise<string | null>;
  readonly close: () => Promise<void>;
}

export interface Opened {
  readonly revision: number;
  readonly payload: JsonObject;
}

export interface OrderPage {
  readonly orders: readonly {
    readonly id: string;
    readonly createdAt: Instant;
    readonly updatedAt: Instant;
  }[];
  /** Of orders that can't be given, for what is stored of them: what to do about each. */
  readonly damaged: readonly string[];
  /** Null: the last page. */
  readonly nextCursor: string | null;
}

export function historiesOf(pages: Pages): Histories {
  const definitions = new Map<string, string>();
  const read: Histories["read"] = async (id) => {
    const lines = await linesOf(pages, id);
    if (lines === null) return null;
    const entries = lines.map(entryIn);
    const values = await valuesOf(pages, id, entries);
    return { id, lines, values, definitions: await definitionsOf(pages, definitions, entries) };
  };
  return {
    read,
    all: async function* all(process, { from, to }) {
      let cursor: string | null = null;
      do {
        const page: OrderPage = await pages.orders(process, cursor);
        for (const reason of page.damaged) yield { kind: "unread", reason };
        for (const { id, createdAt } of page.orders) {
          const recorded = createdAt >= from && createdAt < to ? await read(id) : null;
          if (recorded !== null) yield recorded;
        }
        const last = page.orders.at(-1);
        // What changed last comes first, and no order began after it changed.
        if (last !== undefined && last.updatedAt < from) return;
        cursor = page.nextCursor;
      } while (cursor !== null);
    },
    close: pages.close,
  };
}

async function linesOf(pages: Pages, id: string): Promise<readonly string[] | null> {
  const lines: string[] = [];
  for (;;) {
    const last = lines.at(-1);
    const entry = last === undefined ? undefined : entryIn(last);
    // The replay comes no further than a line that is no entry.
    if (entry === null) return lines;
    const page = await pages.lines(id, entry?.revision ?? 0);
    if (page === null) return null;
    if (page.length === 0) return lines;
    lines.push(...page);
  }
}

function entryIn(line: string): Entry | null {
  const read = parseLine(line);
  return read.kind === "entry" ? read.entry : null;
}

async function valuesOf(
  pages: Pages,
  id: string,
  entries: readonly (Entry | null)[],
): Promise<ReadonlyMap<string, Json>> {
  const values = new Map<string, Json>();
  const isSealed = entries.some((entry) => Object.keys(entry?.sealed ?? {}).length > 0);
  let after = 0;
  while (isSealed && after < entries.length) {
    const page = await pages.payloads(id, after);
    for (const { revision, payload } of page) {
      const sealed = entries[revision - 1]?.sealed ?? {};
      for (const [pointer, commitment] of Object.entries(sealed)) {
        const value = resolve(payload, pointer);
        if (value !== undefined && value !== `sealed:${commitment}`) values.set(commitment, value);
      }
    }
    const last = page.at(-1);
    if (last === undefined) return values;
    after = last.revision;
  }
  return values;
}

/** Those that the entries name; each is asked for once. One that nobody has shows in the replay. */
async function definitionsOf(
  { definition }: Pages,
  known: Map<string, string>,
  entries: readonly (Entry | null)[],
): Promise<ReadonlyMap<string, string>> {
  const process = entries[0]?.payload["process"];
  const named = new Set(entries.flatMap((entry) => entry?.digest ?? []));
  for (const digest of named) {
    if (known.has(digest) || typeof process !== "string") continue;
    const canonical = await definition(process, digest);
    if (canonical !== null) known.set(digest, canonical);
  }
  return new Map([...known].filter(([digest]) => named.has(digest)));
}
