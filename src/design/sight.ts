/** What can be seen of an order after a step of a scenario. */

import type { Executable } from "../../machines/compile/executable.ts";
import type { Json } from "../../machines/json.ts";
import type { Choices, Effect, Order, Rejected } from "../../machines/order.ts";

/** All that can be seen after a step. Personal values are open in it. */
export interface Sight {
  readonly executable: Executable;
  /** Null when the order could not be started. */
  readonly order: Order | null;
  readonly status: "active" | "done" | "incident";
  readonly effects: readonly Effect[];
  readonly rejected: Rejected | null;
  readonly choices: () => Choices;
  readonly open: (value: Json) => Json;
}
