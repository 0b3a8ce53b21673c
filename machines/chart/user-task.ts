/** Says which states wait for a person: BPMN's user task (BPMN 2.0 section 10.3.3). */

import type { ChartState } from "../compile/executable.ts";

/** A final state waits for nobody, whatever its document calls it. */
export function isUserTask({ kind, meta }: Pick<ChartState, "kind" | "meta">): boolean {
  return meta.element === "userTask" && kind !== "final" && kind !== "history";
}
