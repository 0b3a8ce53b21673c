/** Params of actions and inputs of jobs: JSON in which every string that begins with `= ` is an expression. */

import type { CelType } from "../expression/cel-type.ts";
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
    if (expression === null) return literalTemplate(null);
    return {
      evaluate: (scope) => expression.evaluate(scope),
      literal: undefined,
      resultType: expression.resultType,
    };
  }
  if (Array.isArray(value)) {
    const parts = value.map((part: Json, index) =>
      compileTemplate(workshop, part, site, childOf(pointer, index)),
    );
    if (parts.every((part) => part.literal !== undefined)) return literalTemplate(value);
    return compound((scope) => parts.map((part) => part.evaluate(scope)));
  }
  if (!isJsonObject(value)) return literalTemplate(value);
  const members = Object.entries(value).map(
    ([key, member]) =>
      [key, compileTemplate(workshop, member, site, childOf(pointer, key))] as const,
  );
  if (members.every(([, part]) => part.literal !== undefined)) return literalTemplate(value);
  return compound((scope): JsonObject =>
    Object.fromEntries(members.map(([key, part]) => [key, part.evaluate(scope)])),
  );
}

function literalTemplate(value: Json): Template {
  return { evaluate: () => value, literal: value, resultType: null };
}

function compound(evaluate: (scope: Scope) => Json): Template {
  return { evaluate, literal: undefined, resultType: null };
}
