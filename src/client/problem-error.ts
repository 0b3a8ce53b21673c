/** What goes wrong between a client and a server, in two kinds: it said no, or nobody knows. */

import type { Problem } from "./generated/schemas/shared.ts";

/** The server refused, and nothing was done. `problem` is its whole problem document (RFC 9457). */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.title}: ${problem.detail}`);
    this.problem = problem;
  }
}

/**
 * Every attempt ended without an answer: whether a write was done is not known. The same request with
 * `idempotencyKey` tells, and does nothing twice.
 */
export class NoAnswerError extends Error {
  override readonly name = "NoAnswerError";
  /** Null for a request that only reads. */
  readonly idempotencyKey: string | null;

  constructor(url: string, idempotencyKey: string | null, cause: unknown) {
    super(`No answer from ${new URL(url).origin}.`, { cause });
    this.idempotencyKey = idempotencyKey;
  }
}
