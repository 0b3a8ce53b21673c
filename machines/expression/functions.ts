/** The functions that expressions may call: CEL's own, those of its string and list extensions, and a few for orders. */

import type { CelType } from "./cel-type.ts";
import type { Frame } from "./frame.ts";
import { CONVERSIONS } from "./functions-convert.ts";
import { LIST_FUNCTIONS } from "./functions-list.ts";
import { TEXT_FUNCTIONS } from "./functions-text.ts";
import { TIME_FUNCTIONS } from "./functions-time.ts";
import type { Value } from "./value.ts";

/** Kinds that an argument may have; at run time a timestamp is a text in canonical form. */
export type Takes = readonly (
  | "any"
  | "bool"
  | "double"
  | "string"
  | "timestamp"
  | "duration"
  | "list"
  | "object"
)[];

export interface CelFunction {
  readonly name: string;
  /** How it may be written: `size(list)`, `list.size()`. The receiver is the first argument. */
  readonly style: readonly ("call" | "method")[];
  readonly takes: readonly Takes[];
  readonly gives: CelType | ((args: readonly CelType[]) => CelType);
  /** What is wrong with arguments that are written out as texts (others are undefined); absent: nothing. */
  readonly judge?: (literals: readonly (string | undefined)[]) => string | null;
  /**
   * @param args as many as `takes`, each of a kind it takes
   * @throws {Fault | OverBudget}
   */
  readonly apply: (args: readonly Value[], frame: Frame) => Value;
}

export const FUNCTIONS: readonly CelFunction[] = [
  ...CONVERSIONS,
  ...TEXT_FUNCTIONS,
  ...LIST_FUNCTIONS,
  ...TIME_FUNCTIONS,
];
