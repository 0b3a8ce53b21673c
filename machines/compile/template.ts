/** Params of actions and inputs of jobs: JSON in which every string that begins with `= ` is an expression. */

import { DYN, type CelType } from "../expression/cel-type.ts";
import type { ExpressionSite } from "../expression/compiler.ts";
import { childOf } from "../document/pointer.ts";
import type { Scope } from "../evaluation.ts";
import type { Json, JsonObject } from "../json.ts";
import { isJsonObject } from "../json.ts";
import type { Workshop } from "./workshop.ts";
import { compileExpression, isExpression } from "./workshop.ts";

export interface Template {
  /** @throws {ExpressionFailure} when one of its expressions fails */
  readonly evaluate: (scope: Scope) => Json;
  /** The literal that it is when nothing in it is an expression; undefined otherwise. */
  readonly literal: Json | undefined;
  /** The type of the whole when the whole is one expression. */
  readonly resultType: CelType | null;
  /** Of an object or a list in which something is an expression: its members or elements. */
  readonly parts: ReadonlyMap<string, Template> | readonly Template[] | null;
}

/** Compiles a value; the parts that can't be compiled are reported and stand as null. */
export function compileTemplate(
  workshop: Workshop,
  value: Json,
  site: ExpressionSite,
  pointer: string,
): Template {
  if (isExpression(value)) {
    const expression = compileExpression(workshop, value, site, pointer);
    if (expression === null) return REPORTED;
    return {
      evaluate: (scope) => expression.evaluate(scope),
      literal: undefined,
      resultType: expression.resultType,
      parts: null,
    };
  }
  if (Array.isArray(value)) {
    const parts = value.map((part: Json, index) =>
      compileTemplate(workshop, part, site, childOf(pointer, index)),
    );
    if (parts.every((part) => part.literal !== undefined)) return literalTemplate(value);
    return compound(parts, (scope) => parts.map((part) => part.evaluate(scope)));
  }
  if (!isJsonObject(value)) return literalTemplate(value);
  const members = Object.entries(value).map(
    ([key, member]) =>
      [key, compileTemplate(workshop, member, site, childOf(pointer, key))] as const,
  );
  if (members.every(([, part]) => part.literal !== undefined)) return literalTemplate(value);
  return compound(new Map(members), (scope): JsonObject =>
    Object.fromEntries(members.map(([key, part]) => [key, part.evaluate(scope)])),
  );
}

/** Of any type, so that nothing more is said of a value that was found wrong. */
const REPORTED: Template = {
  evaluate: () => null,
  literal: undefined,
  resultType: DYN,
  parts: null,
};

function literalTemplate(value: Json): Template {
  return { evaluate: () => value, literal: value, resultType: null, parts: null };
}

function compound(
  parts: NonNullable<Template["parts"]>,
  evaluate: (scope: Scope) => Json,
): Template {
  return { evaluate, literal: undefined, resultType: null, parts };
}
