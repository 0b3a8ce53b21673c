/** Reads the file with the rules of a migration (YAML, of which JSON is a part): all that is wrong with it, each at its line. */

import { z } from "zod";
import { textFlaw } from "../document/bounds.ts";
import { lineIndex } from "../document/line-index.ts";
import { plainOf, type Flaw, type Remark } from "../document/located.ts";
import { pointerOf, segmentsOf } from "../document/pointer.ts";
import { readYaml } from "../document/read-yaml.ts";
import type { Finding } from "../finding.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import type { MigrationRules } from "./rules.ts";

export interface ReadRules {
  /** Null when there is any finding. */
  readonly rules: MigrationRules | null;
  readonly findings: readonly Finding[];
  /** Line of a place in the file; null when it could not be read at all. */
  readonly locate: (pointer: string) => number | null;
}

export function readRules(text: string): ReadRules {
  const lineAt = lineIndex(text);
  const refused = textFlaw(text);
  if (refused !== null) return unreadable([remark(refused.flaw, lineAt(refused.offset))]);
  const { root, remarks } = readYaml(text, lineAt);
  // Nothing but comments: everything goes where it bears the same name.
  if (root === null) return remarks.length > 0 ? unreadable(remarks) : NONE;
  const { value, remarks: flaws, lineOf } = plainOf(root);
  const locate = (pointer: string): number => lineOf(segmentsOf(pointer));
  const findings = flaws.map(findingOf);
  const result = schema.safeParse(value);
  if (!result.success) {
    for (const { path, message } of result.error.issues) {
      const pointer = pointerOf(
        path.map((part) => (typeof part === "number" ? part : String(part))),
      );
      findings.push({ ...SHAPE, pointer, line: locate(pointer), message: `expected ${message}` });
    }
  }
  return { rules: findings.length === 0 ? (result.data ?? null) : null, findings, locate };
}

const SHAPE = {
  rule: "migration-shape",
  severity: "error",
  help: "A file of rules has `from`, `to`, `states`, `data`, `drop` and `items`, each if there is anything to say.",
} as const;

const NONE: ReadRules = { rules: {}, findings: [], locate: () => null };

const path = z.string("the path of a state, or an expression that gives one");
const jsonObject = z.custom<JsonObject>(isJsonObject, "fields with their values");
const part = {
  states: z
    .record(z.string(), z.union([path, z.array(path)], "the path of a state, or a list of paths"))
    .exactOptional(),
  data: jsonObject.exactOptional(),
  drop: z.array(z.string("the name of a field"), "a list of fields").exactOptional(),
};

const schema = z.strictObject(
  {
    from: z.string("a version as a text").exactOptional(),
    to: z.string("a version as a text").exactOptional(),
    ...part,
    items: z
      .record(
        z.string(),
        z.strictObject(
          { to: z.string("the name of a collection").exactOptional(), ...part },
          "`to`, `states`, `data` and `drop`, and nothing else",
        ),
      )
      .exactOptional(),
  },
  "`from`, `to`, `states`, `data`, `drop` and `items`, and nothing else",
) satisfies z.ZodType<MigrationRules>;

function unreadable(remarks: readonly Remark[]): ReadRules {
  return { rules: null, findings: remarks.map(findingOf), locate: () => null };
}

function remark(flaw: Flaw, line: number): Remark {
  return { ...flaw, path: [], line };
}

function findingOf({ rule, path: place, line, message, help }: Remark): Finding {
  return { rule, severity: "error", pointer: pointerOf(place), line, message, help };
}
