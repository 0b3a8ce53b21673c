/** How a step ends early from any depth: nothing of it remains, and the caller is told why. */

import { ExpressionFailure } from "../evaluation.ts";
import type { Rejected, RejectionCode } from "../order.ts";

export class StepFailure extends Error {
  override readonly name = "StepFailure";
  readonly rejection: Rejected;
  constructor(code: RejectionCode, detail: string, more: Partial<Rejected> = {}) {
    super(detail);
    this.rejection = { ...more, kind: "rejected", code, detail };
  }
}

/** XState's own words when `maxIterations` is reached; it has no error class for it. */
const XSTATE_LOOP = "Infinite loop detected";

/** The rejection that an error stands for. @throws the error itself when it is a defect of ours */
function rejectionOf(error: unknown): Rejected {
  if (error instanceof StepFailure) return error.rejection;
  if (error instanceof ExpressionFailure) {
    return {
      kind: "rejected",
      code: "expression-failed",
      detail: error.message,
      because: `= ${error.source}`,
    };
  }
  if (error instanceof Error && error.message.startsWith(XSTATE_LOOP)) {
    return {
      kind: "rejected",
      code: "step-unbounded",
      detail:
        "Expected the step to come to rest, found transitions without an event that follow each other for ever. Give one of the states on the cycle an event or a timer to wait for.",
    };
  }
  throw error;
}

/** Runs a step to its result or its rejection. */
export function settled<T>(run: () => T): T | Rejected {
  try {
    return run();
  } catch (error) {
    return rejectionOf(error);
  }
}
