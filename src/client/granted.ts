/** Takes what an operation gave, or throws what it refused. */

import type { Problem } from "./generated/schemas/shared.ts";
import { ProblemError } from "./problem-error.ts";

export interface Answered<Data> {
  readonly data?: Data | undefined;
  readonly error?: unknown;
}

/**
 * @throws {ProblemError} when the answer is a refusal
 * @throws {TypeError} when it is neither that nor a body: somebody else answers at this address
 */
export function granted<Data>(answer: Answered<Data>): Data {
  if (answer.data !== undefined) return answer.data;
  if (isProblem(answer.error)) throw new ProblemError(answer.error);
  throw new TypeError("Expected the answer of a Seven-step server, found another one.");
}

export function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && "code" in value && "detail" in value;
}
