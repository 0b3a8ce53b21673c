/** The load generator's own process: carries out the plans that it is sent, one after the other, and answers each. */

import type { Plan } from "./plan.ts";
import { runPlan } from "./run-plan.ts";

process.on("message", (plan: Plan) => {
  runPlan(plan).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
