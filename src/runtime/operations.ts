/** The operations that one transaction can do whole: bound to the store itself, or to a transaction with an idempotency record. */

import type { Store } from "../store/store.ts";
import { createApiKeys } from "./api-keys.ts";
import type { Bus } from "./bus.ts";
import { createDefinitions, type Library } from "./definitions.ts";
import type { Operations } from "./engine.ts";
import { createIncidents } from "./incidents.ts";
import type { Ports } from "./ports.ts";
import { createTasks } from "./tasks.ts";
import { createTestClock } from "./test-clocks.ts";

/** @param publish tells of what was committed; inside a transaction it must wait for the commit */
export function createOperations(
  ports: Pick<Ports, "clock" | "random"> & { readonly store: Store; readonly library: Library },
  publish: Bus["publish"],
): Operations {
  const { store, library } = ports;
  return {
    definitions: createDefinitions(store),
    incidents: createIncidents(store, () => publish(["timers", "builtin-jobs"])),
    apiKeys: createApiKeys(store.apiKeys, ports),
    tasks: createTasks(store, library),
    testClocks: { create: (now) => createTestClock(ports, now) },
  };
}
