/**
 * Delivers what is queued: at least once, in order per order and webhook. Nothing is marked before it was sent; a server
 * that dies, sleeps or is cut off leaves a lease that ends, and another one goes on.
 */

import type { ClaimedDelivery, DeliveryEnd } from "../store/contracts/deliveries.ts";
import type { Store } from "../store/store.ts";
import type { DeliveryAnswer, Outlet } from "./contracts/webhooks.ts";
import type { Library } from "./definitions.ts";
import { MAX_PAUSE_MS } from "./loop.ts";
import type { Ports, Random } from "./ports.ts";
import { afterFailure, retryAfterMs } from "./webhook-backoff.ts";
import { createDeliveryRoom } from "./delivery-room.ts";
import { eventBody } from "./webhook-event.ts";
import { signatureHeaders, webhookSecretBox } from "./webhook-secrets.ts";
import type { Keyring } from "./keyring.ts";
import type { SecretBox } from "./sealed-secret.ts";

export interface DeliveryPorts extends Pick<Ports, "clock" | "random" | "log" | "secret"> {
  readonly store: Store;
  readonly library: Library;
  readonly keyring: Keyring;
  readonly outlet: Pick<Outlet, "deliver">;
}

export interface Deliveries {
  /** Begins what there is room for, and waits for none of it: a slow endpoint holds up no other. */
  readonly round: () => Promise<number>;
  /** Waits a moment for what is under way, and gives back the rest. */
  readonly stop: () => Promise<void>;
}

/** Attempts under way at once, to one webhook whose endpoint answers. */
const EACH = 8;
const ROUND = 200;
const TIMEOUT_MS = 15_000;
/** Far longer than an attempt and its record take together. */
const LEASE_MS = 60_000;
const GRACE_MS = 1_000;
const GONE = 410;

/** @param wake there is room again */
export function createDeliveries(ports: DeliveryPorts, wake: () => void): Deliveries {
  const { store, clock } = ports;
  const box = webhookSecretBox(ports.secret, ports.random);
  const room = createDeliveryRoom(EACH);
  const underWay = new Set<Promise<void>>();
  const cut = new AbortController();

  const begin = (claimed: ClaimedDelivery): void => {
    room.take(claimed.webhookId);
    const work = attempt({ ...ports, box }, claimed, cut.signal).then((answers) => {
      underWay.delete(work);
      if (room.leave(claimed.webhookId, answers)) wake();
    });
    underWay.add(work);
  };

  return {
    round: async () => {
      const request = { free: room.free(), each: EACH, limit: ROUND, leaseMs: LEASE_MS };
      const claimed = await store.deliveries.claim(request);
      for (const each of claimed) begin(each);
      if (claimed.length === ROUND) return 0;
      return (await store.deliveries.dueIn(room.full())) ?? MAX_PAUSE_MS;
    },
    stop: async () => {
      const ended = Promise.all(underWay);
      await Promise.race([ended, clock.sleep(GRACE_MS, cut.signal)]);
      cut.abort();
      await ended;
    },
  };
}

/** Never rejects. @returns whether the endpoint answered */
async function attempt(
  ports: DeliveryPorts & { readonly box: SecretBox },
  claimed: ClaimedDelivery,
  signal: AbortSignal,
): Promise<boolean> {
  const { store, clock, log } = ports;
  const { id: delivery, webhookId: webhook, lease } = claimed;
  try {
    const startedAt = clock.now();
    const answer = await send(ports, claimed, signal);
    if (answer.kind === "failed" && answer.fault === "stopped") {
      await store.deliveries.release(lease);
      return true;
    }
    // The server's clock may jump; the lease bounds what is true.
    const durationMs = Math.min(Math.max(0, clock.now() - startedAt), LEASE_MS);
    const status = answer.kind === "answered" ? answer.status : null;
    const error = answer.kind === "failed" ? answer.fault : null;
    const end = endOf(claimed, answer, claimed.now + durationMs, chance(ports.random));
    if (status === GONE) {
      await store.webhooks.gone(webhook);
      log.warn({ webhook, delivery }, "the endpoint of a webhook is gone: it was disabled");
    }
    const recorded = await store.deliveries.finish(
      lease,
      { at: claimed.now, status, error, durationMs },
      end,
    );
    if (!recorded) log.warn({ webhook, delivery }, "a delivery took longer than its lease");
    if (end.kind === "dead") log.warn({ webhook, delivery, status, error }, "a delivery is dead");
    return status !== null;
  } catch (err) {
    // Its lease ends, and it is sent again.
    log.error({ err, webhook, delivery }, "what a delivery came to could not be recorded");
    return false;
  }
}

type Answer =
  | DeliveryAnswer
  | { readonly kind: "failed"; readonly fault: "body-failed" | "secret-unreadable" };

async function send(
  { store, library, keyring, outlet, log, box }: DeliveryPorts & { readonly box: SecretBox },
  claimed: ClaimedDelivery,
  signal: AbortSignal,
): Promise<Answer> {
  const { id: delivery, webhookId: webhook, url } = claimed;
  const failed = (err: unknown, fault: "body-failed" | "secret-unreadable"): Answer => {
    log.error({ err, webhook, delivery, fault }, "a delivery could not be made");
    return { kind: "failed", fault };
  };
  let body: string;
  try {
    body = await eventBody({ store, library, keyring }, claimed);
  } catch (err) {
    return failed(err, "body-failed");
  }
  let headers: { readonly [name: string]: string };
  try {
    headers = signatureHeaders(box, claimed, body);
  } catch (err) {
    return failed(err, "secret-unreadable");
  }
  const request = {
    ...{ url, body, timeoutMs: TIMEOUT_MS },
    headers: { ...HEADERS, ...headers, "content-length": String(Buffer.byteLength(body)) },
  };
  return outlet.deliver(request, signal);
}

const HEADERS = {
  "content-type": "application/cloudevents+json; charset=utf-8",
  "user-agent": "sevenstep-webhooks",
};

function endOf(claimed: ClaimedDelivery, answer: Answer, now: number, chance: number): DeliveryEnd {
  if (answer.kind === "failed") {
    return afterFailure({ claimed, now, retryAfterMs: null, chance });
  }
  const { status, retryAfter } = answer;
  if (status >= 200 && status < 300) return { kind: "delivered" };
  return afterFailure({ claimed, now, retryAfterMs: retryAfterMs(retryAfter, now), chance });
}

/** From 0 to 1. */
function chance(random: Random): number {
  const [high = 0, low = 0] = random(2);
  return (high * 256 + low) / 65_536;
}
