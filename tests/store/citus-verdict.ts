/**
 * What Citus would make of a statement, by its documentation and its planner's rules as its maintainers state them; nothing
 * here has been run on Citus. https://docs.citusdata.com/en/stable/develop/reference_workarounds.html
 */

import { placements, type Placement } from "../../src/store/distribute.ts";
import { lookInto, type Scan } from "./scans.ts";

export type Verdict =
  /** Touches what lies there, or is copied to it. */
  | "coordinator"
  /** Is sent to the machine of one order (or of one key) as it is. */
  | "one shard"
  /** A plain read that each shard answers. */
  | "read of all shards"
  /** One plain write that each shard does, committed in two phases. */
  | "write to all shards"
  /** Not known to be planned; what Citus documents as refused, or as a plan that gathers rows on the coordinator. */
  | Refusal;

type Refusal =
  /** "Functions used in UPDATE queries on distributed tables must not be VOLATILE". */
  | "refused: asks for the time or a lock"
  /** "SELECT … FOR UPDATE work in single-shard queries only". */
  | "refused: locks rows of several shards"
  /** A modifying CTE is planned by itself, its rows gathered in between (citusdata/citus#3654: INSERT always is). */
  | "gathers: has several writing parts"
  | "gathers: writes what it selects"
  /** Joined only since Citus 10, by copying one side (`citus.local_table_join_policy`). */
  | "gathers: joins spread tables with the coordinator's"
  /** Outer and lateral joins only on the column, and never from rows that are in no table. */
  | "gathers: finds its orders in rows";

const VOLATILE = /\b(clock_timestamp|random|nextval|pg_(try_)?advisory_xact_lock)\s*\(/;
/** Plans don't show what a function does: this one numbers the feed, which lies here, by orders, which do not. */
const JOINING_FUNCTION = /\bfeed_sequence\s*\(/;
const LOCKING = /\bfor (no key )?(update|share|key share)\b/i;

export async function verdictOn(url: string, statement: string): Promise<Verdict> {
  if (JOINING_FUNCTION.test(statement))
    return "gathers: joins spread tables with the coordinator's";
  const { scans, written } = await lookInto(url, statement);
  const tables = [...scans.map(({ table }) => table), ...written];
  const kinds = new Set(tables.map((table) => placementOf(table).kind));
  const isSpread = kinds.has("order") || kinds.has("own");
  if (!isSpread) return "coordinator";
  if (kinds.has("local")) return "gathers: joins spread tables with the coordinator's";
  if (written.length > 0) return verdictOnWrite(statement, scans, written);
  const isRouted = isOfOneShard(scans);
  if (LOCKING.test(statement) && !isRouted) return "refused: locks rows of several shards";
  if (isRouted) return "one shard";
  return /\bunnest\(\$/.test(statement) || /\blateral\b/i.test(statement)
    ? "gathers: finds its orders in rows"
    : "read of all shards";
}

function verdictOnWrite(
  statement: string,
  scans: readonly Scan[],
  written: readonly string[],
): Verdict {
  const isInsertOfValues = /^\s*insert into \S+ \([^)]*\)\s*values\b/i.test(statement);
  // In values alone, functions are called by the coordinator beforehand.
  if (VOLATILE.test(statement) && !isInsertOfValues) return "refused: asks for the time or a lock";
  if (written.length > 1 || /^\s*with\b/i.test(statement)) {
    return "gathers: has several writing parts";
  }
  if (/^\s*insert\b/i.test(statement)) {
    return isInsertOfValues && !/\bselect\b/i.test(statement)
      ? "one shard"
      : "gathers: writes what it selects";
  }
  return isOfOneShard(scans) ? "one shard" : "write to all shards";
}

/** Each table by its column, and one at least by a parameter; all others join that one. */
function isOfOneShard(scans: readonly Scan[]): boolean {
  const spread = scans.filter(({ table }) => "column" in placementOf(table));
  const byColumn = ({ table, bound }: Scan) => bound.includes(columnOf(table) ?? "");
  const byParameter = ({ table, given }: Scan) => given.includes(columnOf(table) ?? "");
  return spread.every(byColumn) && spread.some(byParameter);
}

export function columnOf(table: string): string | null {
  const placement = placementOf(table);
  return "column" in placement ? placement.column : null;
}

export function placementOf(table: string): Placement {
  const found = Object.entries(placements).find(([name]) => name === table);
  // What has no place is the system's own, and on each machine.
  return found?.[1] ?? { kind: "reference" };
}
