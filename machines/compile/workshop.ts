/** What every part of the compiler shares while one document is compiled. */

import type { DefinitionDocument } from "../document/document.ts";
import type {
  CompiledExpression,
  ExpressionCompiler,
  ExpressionSite,
} from "../expression/compiler.ts";
import type { Json } from "../json.ts";
import type { PayloadSchemas } from "../schema/compile-schema.ts";
import type { EventSpec, JobSpec } from "./executable.ts";
import type { OutlineIndex } from "./outline.ts";
import type { Reporter } from "./report.ts";

export interface Workshop {
  readonly document: DefinitionDocument;
  readonly reporter: Reporter;
  readonly events: ReadonlyMap<string, EventSpec>;
  readonly effects: ReadonlyMap<string, PayloadSchemas>;
  readonly jobs: ReadonlyMap<string, JobSpec>;
  readonly expressions: ExpressionCompiler;
  /** The order's states, which every `inState("...")` names. */
  readonly order: OutlineIndex;
}

/** The statechart that is being compiled. */
export interface ChartSite {
  readonly collection: string | null;
  readonly index: OutlineIndex;
}

const EXPRESSION = "= ";

export function isExpression(value: Json | undefined): value is string {
  return typeof value === "string" && value.startsWith(EXPRESSION);
}

/** Compiles `= source`; null after reporting why it can't be. */
export function compileExpression(
  workshop: Workshop,
  text: Json,
  site: ExpressionSite,
  pointer: string,
): CompiledExpression | null {
  if (!isExpression(text)) {
    workshop.reporter.error(
      "expression-expected",
      pointer,
      `Expected an expression, found ${JSON.stringify(text)}.`,
      'Begin it with "= ", an equals sign and a space: "= event.score <= 6".',
    );
    return null;
  }
  const compiled = workshop.expressions.at(site).compile(text.slice(EXPRESSION.length));
  if ("error" in compiled) {
    const { message, line, column } = compiled.error;
    workshop.reporter.error(
      "expression",
      pointer,
      `${message} (column ${column}${line > 1 ? ` of line ${line}` : ""} of the expression)`,
      "Expressions are CEL; the names they may use are the data fields, the item collections, event, actor, now, order, item and inState.",
    );
    return null;
  }
  for (const path of compiled.expression.statePaths) {
    if (workshop.order.byPath.has(path)) continue;
    workshop.reporter.error(
      "unknown-state",
      pointer,
      `Expected the path of a state in inState("${path}"), found none of that name.`,
      "Write the keys from the root with dots between them, such as quality.peerCheck.",
    );
  }
  return compiled.expression;
}
