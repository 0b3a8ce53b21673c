/** Reads the table of `authority.md`, and says for each caller what the reader of that table expects. */

import { readFileSync } from "node:fs";
import { reachesThing, type Caller, type Home } from "./callers.ts";

const ELSEWHERE = ["absent", "left out", "refused", "all only", "own", "shared"] as const;
type Elsewhere = (typeof ELSEWHERE)[number];

export interface Row {
  /** The operation, and behind a colon which case of it. */
  readonly name: string;
  readonly operation: string;
  readonly door: string;
  readonly onThing: readonly string[] | null;
  /** To whoever may not, the thing looks absent. */
  readonly orAbsent: boolean;
  readonly elsewhere: Elsewhere;
  /** Whose roles read persons' data. */
  readonly persons: readonly string[];
}

/** What a cell of the matrix says. `persons`: granted, and persons' data are in the answer. */
export const OUTCOMES = {
  granted: "#",
  persons: "P",
  unknown: "!",
  role: "-",
  centre: "c",
  absent: ".",
  "left out": "o",
} as const;
export type Outcome = keyof typeof OUTCOMES;

const PROCESSES: { readonly [name: string]: readonly string[] } = {
  "service-visit": [
    ...["admin", "customer", "advisor", "technician", "lead", "parts", "manager", "system"],
  ],
  workbench: ["admin", "advisor", "technician"],
};

export function authority(): readonly Row[] {
  const text = readFileSync(new URL("authority.md", import.meta.url), "utf8");
  const [, , ...lines] = text.split("\n").filter((line) => line.startsWith("|"));
  return lines.map((line) => {
    const [name = "", door = "", onThing = "", elsewhere = "", persons = ""] = line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim());
    const [roles = "", orAbsent] = onThing.split(" or ");
    const known = ELSEWHERE.find((each) => each === elsewhere);
    if (known === undefined) throw new Error(`${name}: what is "${elsewhere}"?`);
    return {
      ...{ name, operation: name.split(":")[0] ?? name, door, elsewhere: known },
      onThing: roles === "-" ? null : rolesOf(roles),
      orAbsent: orAbsent === "absent",
      persons: persons === "-" ? [] : rolesOf(persons),
    };
  });
}

function rolesOf(text: string): readonly string[] {
  return PROCESSES[text] ?? text.split(", ");
}

/** Whether the row is about a thing that lives in some centre, or in none. */
export function isOfThing({ elsewhere }: Row): boolean {
  return elsewhere === "absent" || elsewhere === "left out";
}

/** @param home where the thing lives */
export function expected(row: Row, caller: Caller, home: Home): Outcome {
  if (row.door === "open") return "granted";
  if (caller.token === null) return "unknown";
  if (!passesDoor(row.door, caller.roles)) return "role";
  const away = elsewhere(row, caller, home);
  if (away !== null) return away;
  if (row.onThing !== null && !holds(caller.roles, row.onThing)) {
    if (!row.orAbsent) return "role";
    return row.elsewhere === "left out" ? "left out" : "absent";
  }
  return holds(caller.roles, row.persons) ? "persons" : "granted";
}

function elsewhere(row: Row, caller: Caller, home: Home): Outcome | null {
  switch (row.elsewhere) {
    case "shared":
      return null;
    case "own":
      return caller.scope === "none" ? "centre" : null;
    case "all only":
      return caller.scope === "all" ? null : "centre";
    case "refused":
      return reachesThing(caller, home) ? null : "centre";
    default:
      return reachesThing(caller, home) ? null : row.elsewhere;
  }
}

function passesDoor(door: string, roles: readonly string[]): boolean {
  if (door === "any token") return true;
  if (door === "not auditor") return roles.some((role) => role !== "auditor");
  return holds(roles, rolesOf(door));
}

function holds(roles: readonly string[], allowed: readonly string[]): boolean {
  return roles.some((role) => allowed.includes(role));
}
