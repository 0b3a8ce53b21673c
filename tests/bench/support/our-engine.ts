/** The product in this process, put together as `src/main.ts` does it, less the socket; and orders of the bench's process on it. */

import { createRebuild } from "../../../src/audit/rebuild.ts";
import { createMetrics } from "../../../src/http/metrics.ts";
import { createEngine } from "../../../src/runtime/create-engine.ts";
import type { Caller, Engine } from "../../../src/runtime/engine.ts";
import { createJudgePool } from "../../../src/runtime/judge-pool.ts";
import { observedStore } from "../../../src/runtime/observed-store.ts";
import { untraced } from "../../../src/runtime/observing.ts";
import { systemClock, systemRandom } from "../../../src/runtime/platform.ts";
import { createOutlet } from "../../../src/runtime/webhook-outlet.ts";
import { openStore } from "../../../src/store/open.ts";
import { document, orderData } from "../step-definition.ts";
import { memoryKeystore } from "../../support/memory-keystore.ts";

export interface OurEngine {
  readonly engine: Engine;
  readonly close: () => Promise<void>;
}

export const ADMIN: Caller = { sub: "admin", roles: ["admin"], centres: null };
export const TECHNICIAN: Caller = { sub: "tech-7", roles: ["technician"], centres: null };

/** Orders that are created side by side. */
const AT_ONCE = 64;

export interface Where {
  /** Absent: PGlite in the data folder. */
  readonly databaseUrl?: string;
  readonly dataFolder?: string;
  /** False: timers, jobs, feed and webhooks stand still. */
  readonly loops?: boolean;
}

/** Migrated, with the bench's process published, and its loops running. */
export async function startOurEngine({
  databaseUrl,
  dataFolder = "",
  loops = true,
}: Where): Promise<OurEngine> {
  const ports = { rebuild: createRebuild() };
  const store = await openStore({ databaseUrl, dataFolder, ports });
  const { backlog, connections } = store;
  const { observe } = createMetrics({ backlog, connections, nowMs: () => performance.now() });
  const judges = createJudgePool();
  const engine = createEngine({
    store: observedStore(store, observe, untraced),
    ...{ judge: judges.judge, clock: systemClock, random: systemRandom },
    log: { info: () => {}, warn: toStderr, error: toStderr },
    secret: systemRandom(32),
    keystore: memoryKeystore(),
    outlet: createOutlet({ allowed: [] }),
  });
  await store.migrate();
  const source = { text: JSON.stringify(document), format: "json" } as const;
  const published = await engine.definitions.publish(ADMIN, source);
  if (published.kind === "refused") throw new Error(published.detail);
  if (loops) engine.start();
  return {
    engine,
    close: async () => {
      await engine.stop();
      await store.close();
      await judges.close();
    },
  };
}

/**
 * @param wanted ids to give them; absent: the engine's own
 * @returns ids of new orders of the bench's process, each with its 3 KB of data
 */
export async function createOrders(
  engine: Engine,
  count: number,
  wanted?: readonly string[],
): Promise<readonly string[]> {
  const ids: string[] = [];
  const creator = async (): Promise<void> => {
    while (ids.length < count) {
      const place = ids.push("") - 1;
      const id = wanted?.[place];
      const request = {
        process: "bench-visit",
        data: orderData,
        ...(id === undefined ? {} : { id }),
      };
      const result = await engine.orders.create(ADMIN, request);
      if (result.kind === "refused") throw new Error(result.detail);
      ids[place] = result.order.id;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, creator));
  return ids;
}

function toStderr(fields: object, message: string): void {
  process.stderr.write(`\n${message} ${JSON.stringify(fields)}\n`);
}
