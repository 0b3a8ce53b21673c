/** Reads a scenario file: all that is wrong with it, each finding at its line, or a file that can be run. */

import type { z } from "zod";

import { textFlaw } from "../../machines/document/bounds.ts";
import { lineIndex } from "../../machines/document/line-index.ts";
import { plainOf, type Flaw, type Remark } from "../../machines/document/located.ts";
import {
  childOf,
  pointerOf,
  segmentsOf,
  valueAt,
  type Path,
} from "../../machines/document/pointer.ts";
import { readYaml } from "../../machines/document/read-yaml.ts";
import type { Finding } from "../../machines/finding.ts";
import { isJsonObject, type Json } from "../../machines/json.ts";
import { STEP_KINDS, scenarioFileSchema, type ScenarioFile } from "./scenario-schema.ts";

export interface ReadScenarios {
  /** Null when there is any finding. */
  readonly file: ScenarioFile | null;
  readonly findings: readonly Finding[];
  /** Line of a place in the file; null when it could not be read at all. */
  readonly locate: (pointer: string) => number | null;
}

/** The vocabulary that a scenario file may use. */
export interface Cast {
  readonly roles: readonly string[];
}

type Issue = z.core.$ZodIssue;
type Note = (rule: string, pointer: string, message: string, help: string) => unknown;

/** @param cast the definition that the file tells of; null when it could not be compiled */
export function readScenarios(text: string, cast: Cast | null): ReadScenarios {
  const lineAt = lineIndex(text);
  const refused = textFlaw(text);
  if (refused !== null) return unreadable([remark(refused.flaw, lineAt(refused.offset))]);
  const { root, remarks } = readYaml(text, lineAt);
  if (root === null) return unreadable(remarks.length > 0 ? remarks : [remark(EMPTY, 1)]);
  const { value, remarks: flaws, lineOf } = plainOf(root);
  const locate = (pointer: string): number => lineOf(segmentsOf(pointer));
  const findings = flaws.map(findingOf);
  const note: Note = (rule, pointer, message, help) =>
    findings.push({ rule, severity: "error", pointer, line: locate(pointer), message, help });
  const result = scenarioFileSchema.safeParse(value);
  if (result.success) checkNames(result.data, cast, note);
  else for (const issue of result.error.issues) noteIssue(issue, [], value ?? null, note);
  const file = findings.length === 0 && result.success ? result.data : null;
  return { file, findings, locate };
}

function unreadable(remarks: readonly Remark[]): ReadScenarios {
  return { file: null, findings: remarks.map(findingOf), locate: () => null };
}

function remark(flaw: Flaw, line: number): Remark {
  return { ...flaw, path: [], line };
}

function findingOf({ rule, path, line, message, help }: Remark): Finding {
  return { rule, severity: "error", pointer: pointerOf(path), line, message, help };
}

const EMPTY: Flaw = {
  rule: "scenario-shape",
  message: "expected `actors` and `scenarios`, found an empty file",
  help: "The shape is in definitions/scenarios.schema.json; editors show it.",
};

function noteIssue(issue: Issue, base: Path, root: Json, note: Note): void {
  const path = [
    ...base,
    ...issue.path.map((part) => (typeof part === "number" ? part : String(part))),
  ];
  const value = valueAt(root, path);
  const pointer = pointerOf(path);
  if (issue.code === "unrecognized_keys") {
    for (const key of issue.keys) {
      note(
        "scenario-unknown-key",
        childOf(pointer, key),
        `expected a known key, found \`${key}\``,
        "The keys are in definitions/scenarios.schema.json; editors complete them.",
      );
    }
    return;
  }
  if (issue.code === "invalid_union") {
    const branch = isStep(path) ? stepBranch(issue.errors, value) : kindBranch(issue.errors);
    if (branch !== null) {
      for (const inner of branch) noteIssue(inner, path, root, note);
      return;
    }
  }
  if (isStep(path) && isJsonObject(value)) {
    note(
      "scenario-step",
      pointer,
      `expected exactly one of ${STEP_KINDS.join(", ")}; found ${Object.keys(value).join(", ") || "none"}`,
      "A step is an event that someone sends, a wait, or the end of a job.",
    );
    return;
  }
  const missing = value === undefined;
  note(
    missing ? "scenario-missing-key" : "scenario-shape",
    pointer,
    missing
      ? `expected \`${String(path.at(-1) ?? "")}\`, found none`
      : `${expectedIn(issue.message)}, found ${JSON.stringify(value)}`,
    "The shape is in definitions/scenarios.schema.json; editors show it.",
  );
}

function isStep(path: Path): boolean {
  return path.length === 4 && path[0] === "scenarios" && path[2] === "steps";
}

/** The kind of step that its one telling key says it is. */
function stepBranch(
  alternatives: readonly (readonly Issue[])[],
  value: Json | undefined,
): readonly Issue[] | null {
  if (!isJsonObject(value)) return null;
  const kinds = STEP_KINDS.filter((kind) => Object.hasOwn(value, kind));
  const kind = kinds[0];
  if (kind === undefined || kinds.length > 1) return null;
  return alternatives[STEP_KINDS.indexOf(kind)] ?? null;
}

/** The one alternative whose kind (text, list, object) the value has. */
function kindBranch(alternatives: readonly (readonly Issue[])[]): readonly Issue[] | null {
  const [first, ...others] = alternatives.filter(
    (issues) => !issues.some(({ path, code }) => path.length === 0 && code === "invalid_type"),
  );
  return first !== undefined && others.length === 0 ? first : null;
}

function checkNames(file: ScenarioFile, cast: Cast | null, note: Note): void {
  for (const [name, given] of Object.entries(file.actors)) {
    for (const role of cast === null ? [] : [given].flat()) {
      if (cast?.roles.includes(role) === true || role === "admin") continue;
      note(
        "scenario-unknown-role",
        childOf("/actors", name),
        `expected a role of the definition, found "${role}"`,
        `The roles are ${cast?.roles.join(", ") || "none"}.`,
      );
    }
  }
  const ids = new Set<string>();
  for (const [index, { id, given, steps }] of file.scenarios.entries()) {
    const pointer = childOf("/scenarios", index);
    if (ids.has(id)) {
      note(
        "scenario-duplicate-id",
        childOf(pointer, "id"),
        `expected an id of its own, found "${id}" again`,
        "Rename one of the two.",
      );
    }
    ids.add(id);
    const places: readonly (readonly [string, { readonly by?: string | undefined }])[] = [
      [childOf(pointer, "given"), given],
      ...steps.map((step, at) => [childOf(pointer, "steps", at), step] as const),
    ];
    for (const [place, { by }] of places) {
      if (by === undefined || Object.hasOwn(file.actors, by)) continue;
      note(
        "scenario-unknown-actor",
        childOf(place, "by"),
        `expected a name from \`actors\`, found "${by}"`,
        `The names are ${Object.keys(file.actors).join(", ") || "none"}.`,
      );
    }
  }
}

/** The words of the schema, or zod's own without its "Invalid input: " and its view of what was found. */
function expectedIn(message: string): string {
  const words = message.replace(/^Invalid \w+: /, "").replace(/, received .*$/, "");
  return words.charAt(0).toLowerCase() + words.slice(1);
}
