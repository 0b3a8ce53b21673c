/** The small schemas of which the definition's are made; every refusal says what was expected, and what to do. */

import { z } from "zod";
import type { Json, JsonObject, JsonSchema } from "../json.ts";
import { isJsonObject } from "../json.ts";
import { quoted, say, type NameFault, type NameJudge } from "./names.ts";

/** BCP 47 in the form that browsers send: `zh`, `zh-Hans-CN`, `en-GB`. */
const LANGUAGE_PATTERN = "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$";

/** Any JSON value. The readers give nothing else, so nothing is left to check. */
export const anyJson = z.custom<Json>((value) => value !== undefined);

export const jsonObject = z
  .custom<JsonObject>(isJsonObject, {
    abort: false,
    error: (issue) =>
      say(`expected an object, found ${nameOf(issue.input)}`, "Write `{ name: value }`."),
  })
  .meta({ type: "object" });

/** A JSON Schema; that it is a valid one is judged when it is compiled. `abort`: else the names around it go unjudged. */
export const jsonSchema = z
  .custom<JsonSchema>((value) => typeof value === "boolean" || isJsonObject(value), {
    abort: false,
    error: (issue) =>
      say(
        `expected a JSON Schema, found ${nameOf(issue.input)}`,
        "Write an object such as `{ type: object, properties: { plate: { type: string } } }`.",
      ),
  })
  .meta({ type: ["object", "boolean"] });

/** A text that matches `pattern`; `what` ends the sentence "expected ...". */
export function word(pattern: RegExp, what: string, help: string) {
  return z.string().regex(pattern, {
    error: (issue) => say(`expected ${what}, found ${nameOf(issue.input)}`, help),
  });
}

/** A name that must not be empty and holds no blank at either end. */
export const name = word(
  /^\S(.*\S)?$/u,
  "a name without blanks at its ends",
  "Write a short name, such as advisor.",
);

export const expression = word(
  /^= *\S/u,
  "an expression",
  'Begin it with an equals sign and a blank: "= event.score <= 6".',
);

export const text = z.union([
  z.string(),
  names(z.record(z.string(), z.string()), languageFault, LANGUAGE_PATTERN),
]);

/**
 * `record`, whose keys `judge` accepts. The keys are judged beside the values, not before them, so that a wrong key hides
 * nothing that is wrong under it; `pattern` tells editors the same.
 */
export function names<Value extends z.ZodType>(
  record: z.ZodRecord<z.ZodString, Value>,
  judge: NameJudge,
  pattern: string,
) {
  return record
    .superRefine(
      (value, context) => {
        if (!isJsonObject(value)) return;
        for (const key of Object.keys(value)) {
          const fault = judge(key);
          if (fault === null) continue;
          context.addIssue({
            code: "custom",
            path: [key],
            message: say(fault.message, fault.help),
            params: { rule: fault.rule },
          });
        }
      },
      { when: () => true },
    )
    .meta({ propertyNames: { pattern } });
}

/** How people call the kind of a JSON value. */
export function nameOf(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (typeof value === "string") return `the text ${quoted(value)}`;
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  return `the ${typeof value} ${JSON.stringify(value)}`;
}

function languageFault(tag: string): NameFault | null {
  if (new RegExp(LANGUAGE_PATTERN).test(tag)) return null;
  return {
    rule: "malformed-language",
    message: `expected a language tag, found ${quoted(tag)}`,
    help: "Write a BCP 47 tag such as en, zh or zh-Hans.",
  };
}
