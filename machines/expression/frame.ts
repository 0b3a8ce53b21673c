/** One evaluation: what it may see, and what it may still cost. */

import type { Scope } from "../evaluation.ts";
import type { Value } from "./value.ts";

/** Steps of one evaluation: a node evaluated inside a loop, an element compared or copied, 64 characters of text. */
export const MAX_STEPS = 100_000;
/** Characters of a text that an expression makes. */
const MAX_TEXT = 100_000;
export const CHARACTERS_PER_STEP = 64;

export interface Frame {
  readonly scope: Scope;
  /** Values of the variables that macros bind, by slot. */
  readonly locals: Value[];
  stepsLeft: number;
}

export type Run = (frame: Frame) => Value;

/** The expression can't give a value here. `||`, `&&`, `all` and `exists` may do without it, as CEL defines them. */
export class Fault extends Error {}

/** Over budget: nothing catches it. */
export class OverBudget extends Error {}

/** @throws {OverBudget} */
export function spend(frame: Frame, steps: number): void {
  frame.stepsLeft -= steps;
  if (frame.stepsLeft < 0) throw new OverBudget(`it takes more than ${MAX_STEPS} steps`);
}

/** @throws {OverBudget} when a text of so many characters is too long to make */
export function spendText(frame: Frame, characters: number): void {
  if (characters > MAX_TEXT) throw new OverBudget(`it makes a text of over ${MAX_TEXT} characters`);
  spend(frame, 1 + characters / CHARACTERS_PER_STEP);
}

/** Making an error costs far more than a step. */
const FAULT_STEPS = 50;

/** The fault that was caught, at its price; anything else goes on. */
export function absorbed(frame: Frame, error: unknown): Fault {
  if (!(error instanceof Fault)) throw error;
  spend(frame, FAULT_STEPS);
  return error;
}
