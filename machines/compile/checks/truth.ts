/** Refuses conditions that are neither true nor false: guards, invariants, and the `where` of `send`. */

import type { CompiledExpression } from "../../expression/compiler.ts";
import type { Reporter } from "../report.ts";

/** @param what the condition is, such as `a guard`; @param rule the finding's */
export function checkTruth(
  { type, resultType }: CompiledExpression,
  rule: string,
  what: string,
  pointer: string,
  reporter: Reporter,
): void {
  if (resultType.kind === "bool" || resultType.kind === "dyn") return;
  reporter.error(
    rule,
    pointer,
    `Expected ${what} that is true or false, found one that gives ${type}.`,
    "Compare the value with what it should be, such as `= score >= 9`.",
  );
}
