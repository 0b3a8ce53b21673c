/** Compiles the CEL expressions of one definition against its schemas: what an expression may name, and what it costs. */

import type { Expression } from "../evaluation.ts";
import type { JsonSchema } from "../json.ts";
import type { CelType } from "./cel-type.ts";

/** What the document gives every expression in it. */
export interface ExpressionModel {
  readonly data: JsonSchema;
  readonly collections: {
    readonly [name: string]: {
      readonly data: JsonSchema;
      /** Paths of the item's states; given, a comparison of `state` with any other text is refused. */
      readonly states?: readonly string[];
    };
  };
}

/** Where in the document the expression stands. */
export interface ExpressionSite {
  /** Payload schema of the one event that leads here; null: `event` can't be read. */
  readonly event: JsonSchema | null;
  /** The collection whose item this is about: `item` can be read. */
  readonly item: string | null;
}

export interface CompiledExpression extends Expression {
  readonly resultType: CelType;
  /** The paths named by `inState("...")`. */
  readonly statePaths: ReadonlySet<string>;
  /** The fields of `event` that it reads; all of them when it takes `event` whole. */
  readonly eventFields: ReadonlySet<string>;
}

export interface ExpressionError {
  readonly message: string;
  /** Line in the expression, counted from 1. */
  readonly line: number;
  /** Column in the line, counted from 1. */
  readonly column: number;
}

export type CompileResult =
  | { readonly expression: CompiledExpression }
  | { readonly error: ExpressionError };

export interface SiteCompiler {
  /** @param source the text without the leading `= ` */
  readonly compile: (source: string) => CompileResult;
}

export interface ExpressionCompiler {
  readonly at: (site: ExpressionSite) => SiteCompiler;
}
