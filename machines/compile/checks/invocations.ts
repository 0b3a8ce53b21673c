/** Refuses two invocations of one name in a statechart: the outcome of either would be taken for the other's. */

import type { Reporter } from "../report.ts";

export interface Invoked {
  readonly id: string;
  readonly pointer: string;
}

/** @param invoked every invocation of one chart, in document order */
export function checkInvocations(invoked: readonly Invoked[], reporter: Reporter): void {
  const seen = new Set<string>();
  for (const { id, pointer } of invoked) {
    if (seen.has(id)) {
      reporter.error(
        "duplicate-invocation",
        pointer,
        `Expected an invocation of its own name, found "${id}" again in this statechart.`,
        "Give one of the two an `id`.",
      );
    }
    seen.add(id);
  }
}
