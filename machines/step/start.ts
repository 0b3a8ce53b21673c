/** Starts an order: enters its chart's initial states with the data it was given and the definition's defaults. */

import type { Executable } from "../compile/executable.ts";
import type { Instant, Start, StepResult } from "../order.ts";
import { conductorOf } from "./conductor.ts";
import { drain } from "./deliver.ts";
import { settled } from "./failure.ts";
import { finish } from "./finish.ts";
import { contextOf, emptyRun, setOrder } from "./run.ts";

/**
 * Pure: the same arguments give the same result, for ever. The result is revision 1.
 * @param now the order's first instant; every expression sees it
 */
export function start(executable: Executable, from: Start, now: Instant): StepResult {
  return settled((): StepResult => {
    const data = executable.data.withDefaults(from.data);
    const errors = executable.data.sealed(data);
    if (errors.length > 0) {
      return {
        kind: "rejected",
        code: "data-invalid",
        detail: `Expected data that ${executable.process} ${executable.version} declares; found other.`,
        errors,
      };
    }
    const { identity, actor } = from;
    const run = emptyRun({ executable, identity, actor, now, revision: 1, data });
    const conductor = conductorOf(run);
    setOrder(run, executable.order.machine.start(contextOf(run, null, conductor)));
    drain(run, conductor);
    return finish(run, null, {}, conductor);
  });
}
