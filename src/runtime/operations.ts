/** The operations that one transaction can do whole: bound to the store itself, or to a transaction with an idempotency record. */

import type { Store } from "../store/store.ts";
import { createApiKeys } from "./api-keys.ts";
import type { Bus } from "./bus.ts";
import { createDefinitions, type Library } from "./definitions.ts";
import type { Operations } from "./engine.ts";
import { createJobClaims } from "./job-claims.ts";
import type { Keyring } from "./keyring.ts";
import type { Ports } from "./ports.ts";
import { createTasks } from "./tasks.ts";
import { createTestClock } from "./test-clocks.ts";
import { createWebhooks } from "./webhooks.ts";

/** @param publish tells of what was committed; inside a transaction it must wait for the commit */
export function createOperations(
  ports: Pick<Ports, "clock" | "random" | "secret" | "outlet" | "judge"> & {
    readonly store: Store;
    readonly library: Library;
    readonly keyring: Keyring;
  },
  publish: Bus["publish"],
): Omit<Operations, "messages"> {
  const { store, library, keyring } = ports;
  return {
    definitions: createDefinitions(store, ports.judge),
    apiKeys: createApiKeys(store.apiKeys, ports),
    jobs: createJobClaims({ store, library, keyring }),
    tasks: createTasks(store, library),
    webhooks: createWebhooks(ports, () => publish(["deliveries"])),
    testClocks: { create: (caller, now) => createTestClock(ports, caller, now) },
  };
}
