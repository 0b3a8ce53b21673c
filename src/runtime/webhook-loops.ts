/** What a server does for webhooks by itself: it delivers what is queued, and forgets what arrived long ago. */

import type { Bus } from "./bus.ts";
import { createLoop } from "./loop.ts";
import type { Clock } from "./ports.ts";
import { createDeliveries, type DeliveryPorts } from "./webhook-deliveries.ts";

export interface WebhookLoops {
  /** Whether anybody wants to be told, as far as this server knows: a write by another one may be told a moment later. */
  readonly isAnybodyTold: () => boolean;
  readonly start: () => void;
  readonly stop: () => Promise<void>;
}

const DAY_MS = 24 * 3_600_000;
/** For so long it can be looked up what arrived, and sent again what is dead. */
const KEPT = { arrivedMs: 7 * DAY_MS, deadMs: 30 * DAY_MS };
const PURGE_ROWS = 1_000;
const PURGE_EVERY_MS = 60_000;

export function createWebhookLoops(
  ports: DeliveryPorts & { readonly bus: Pick<Bus, "subscribe"> },
): WebhookLoops {
  const { store, bus, clock } = ports;
  let told = false;
  const deliveries = createDeliveries(ports, () => sending.wake());
  const sending = createLoop(ports, "deliveries", async () => {
    const pauseMs = await deliveries.round();
    if (pauseMs > 0) told = await store.webhooks.any();
    return pauseMs;
  });
  const purge = () => store.deliveries.purge(KEPT, PURGE_ROWS);
  const purging = createLoop(ports, "delivery purge", everyMinute(clock, purge));
  bus.subscribe("deliveries", sending.wake);
  return {
    isAnybodyTold: () => told,
    start: () => {
      sending.start();
      purging.start();
    },
    stop: async () => {
      await Promise.all([sending.stop(), purging.stop()]);
      await deliveries.stop();
    },
  };
}

/** @param work gives how many it did: while there are any, more may be left */
function everyMinute(clock: Clock, work: () => Promise<number>): () => Promise<number> {
  let nextAt = 0;
  return async () => {
    const leftMs = nextAt - clock.now();
    if (leftMs > 0 && leftMs <= PURGE_EVERY_MS) return leftMs;
    if ((await work()) > 0) return 0;
    nextAt = clock.now() + PURGE_EVERY_MS;
    return PURGE_EVERY_MS;
  };
}
