/** Why a time can't be worked out, in words for the designer or caller who gave it; a value, never thrown. */

export interface Problem {
  readonly problem: string;
}

export function isProblem(result: unknown): result is Problem {
  return typeof result === "object" && result !== null && "problem" in result;
}
