/** Compares what a scenario says must hold after a step with what does. */

import { answerMismatches } from "./expect-answer.ts";
import { orderMismatches } from "./expect-order.ts";
import type { Mismatch } from "./mismatch.ts";
import type { Expectation } from "./scenario-schema.ts";
import type { Sight } from "./sight.ts";

/**
 * Every aspect of `then` that does not hold, and a refusal or an acceptance that it does not name. After a refusal that
 * nobody expected, that alone is told: the rest follows from it.
 */
export function mismatchesOf(then: Expectation, sight: Sight): readonly Mismatch[] {
  const answer = answerMismatches(then, sight);
  const unexpected = answer.filter(({ aspect }) => aspect === "accepted");
  if (unexpected.length > 0) return unexpected;
  return sight.order === null ? answer : [...answer, ...orderMismatches(then, sight.order, sight)];
}
