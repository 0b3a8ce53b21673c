/** Webhooks as admins manage them: registered with their own authority, shown their secret once, and their deliveries. */

import { formatInstant } from "../../machines/time/instant.ts";
import type { DeliveryAttempt, StoredDelivery } from "../store/contracts/deliveries.ts";
import type { StoredWebhook } from "../store/contracts/webhooks.ts";
import type { Store } from "../store/store.ts";
import { ofNoCentre, reachesNothing, scopeOf } from "./caller.ts";
import type {
  Attempt,
  Delivery,
  Outlet,
  Webhook,
  WebhookRequest,
  Webhooks,
} from "./contracts/webhooks.ts";
import type { Caller } from "./engine.ts";
import { uuidv7 } from "./ids.ts";
import type { Ports } from "./ports.ts";
import { refused, type Refused } from "./refusal.ts";
import { TEST_TYPE } from "./webhook-event.ts";
import { newWebhookSecret, webhookSecretBox } from "./webhook-secrets.ts";

export interface WebhookPorts extends Pick<Ports, "clock" | "random" | "secret"> {
  readonly store: Store;
  readonly outlet: Pick<Outlet, "refusal">;
}

/** Each of them may have its own attempts under way at once, on every server. */
const MOST_WEBHOOKS = 500;

/** @param wake something may be due at once */
export function createWebhooks(ports: WebhookPorts, wake: () => void): Webhooks {
  const { store, random } = ports;
  const { webhooks, deliveries } = store;
  const box = webhookSecretBox(ports.secret, random);
  const found = async (caller: Caller, id: string): Promise<StoredWebhook | Refused> =>
    (await webhooks.get(id, scopeOf(caller))) ?? unknown(id);
  return {
    create: async (caller, request) => {
      if (reachesNothing(caller)) return ofNoCentre("a webhook");
      const bad = urlRefused(ports, request.url);
      if (bad !== null) return bad;
      const id = uuidv7(ports);
      const secret = request.secret ?? newWebhookSecret(random);
      const sealed = box.seal(secret, id);
      const wanted = { id, ...asked(caller, request), sealed };
      const created = await webhooks.create(wanted, MOST_WEBHOOKS);
      if (created === null) return tooMany();
      return { kind: "ok", webhook: answer(created), secret };
    },
    list: async (caller, page) => {
      const { items, nextCursor } = await webhooks.list(page, scopeOf(caller));
      return { kind: "ok", items: items.map(answer), nextCursor };
    },
    get: async (caller, id) => {
      const webhook = await found(caller, id);
      return "kind" in webhook ? webhook : { kind: "ok", webhook: answer(webhook) };
    },
    change: async (caller, id, patch) => {
      const bad = patch.url === undefined ? null : urlRefused(ports, patch.url);
      if (bad !== null) return bad;
      const changed = await webhooks.change(id, patch, scopeOf(caller));
      if (changed === null) return unknown(id);
      wake();
      return { kind: "ok", webhook: answer(changed) };
    },
    remove: async (caller, id) =>
      (await webhooks.remove(id, scopeOf(caller))) ? { kind: "ok" } : unknown(id),
    rotate: async (caller, id, { overlapSeconds, secret = newWebhookSecret(random) }) => {
      const next = { sealed: box.seal(secret, id), overlapMs: overlapSeconds * 1000 };
      const rotated = await webhooks.rotate(id, next, scopeOf(caller));
      return rotated === null ? unknown(id) : { kind: "ok", webhook: answer(rotated), secret };
    },
    deliveries: async (caller, id, { order, ...query }) => {
      const webhook = await found(caller, id);
      if ("kind" in webhook) return webhook;
      const { items, nextCursor } = await deliveries.list(id, {
        ...query,
        ...(order === undefined ? {} : { orderId: order }),
      });
      return { kind: "ok", items: items.map(deliveryAnswer), nextCursor };
    },
    resend: async (caller, id, delivery) => {
      const webhook = await found(caller, id);
      if ("kind" in webhook) return webhook;
      if (webhook.disabled !== null) return disabled();
      return queued(await deliveries.resend(id, delivery), wake, () =>
        refused("not-found", `Expected a delivery, found none with the id "${delivery}".`),
      );
    },
    test: async (caller, id) => {
      const webhook = await found(caller, id);
      if ("kind" in webhook) return webhook;
      const event = { id: uuidv7(ports), type: TEST_TYPE };
      return queued(await deliveries.test(id, event), wake, disabled);
    },
  };
}

/** It acts as its maker may: in the maker's centres, and in roles that open no more than an admin sees anyway. */
function asked(caller: Caller, { url, events, description, roles }: WebhookRequest) {
  return {
    ...{ url, events, description: description ?? null, roles: roles ?? caller.roles },
    ...{ centres: scopeOf(caller).centres, createdBy: caller.sub },
  };
}

function queued(
  delivery: StoredDelivery | null,
  wake: () => void,
  otherwise: () => Refused,
): { readonly kind: "ok"; readonly delivery: Delivery } | Refused {
  if (delivery === null) return otherwise();
  wake();
  return { kind: "ok", delivery: deliveryAnswer(delivery) };
}

function urlRefused({ outlet }: WebhookPorts, url: string): Refused | null {
  const why = outlet.refusal(url);
  return why === null
    ? null
    : refused("webhook-url-refused", `The URL may not be sent to: ${why}.`, {
        errors: [{ pointer: "/url", message: why }],
      });
}

function tooMany(): Refused {
  return refused(
    "webhook-limit",
    `Expected fewer than ${MOST_WEBHOOKS} webhooks, found as many: remove one that nobody listens to.`,
  );
}

function disabled(): Refused {
  return refused(
    "webhook-disabled",
    "Expected an enabled webhook, found it disabled: enable it with `disabled: false`, and what is queued goes out by itself.",
  );
}

function unknown(id: string): Refused {
  return refused("not-found", `Expected a webhook, found none with the id "${id}".`);
}

function answer(stored: StoredWebhook): Webhook {
  const { id, url, description, events, roles, centres, disabled, createdBy } = stored;
  const older = stored.secrets.flatMap(({ validUntil }) => (validUntil === null ? [] : validUntil));
  return {
    ...{ id, url, description, events, roles, centres },
    ...{ disabled: disabled !== null, disabledBecause: disabled },
    previousSecretsUntil: older.map(formatInstant),
    ...{ createdBy, createdAt: formatInstant(stored.createdAt) },
    updatedAt: formatInstant(stored.updatedAt),
  };
}

function deliveryAnswer(stored: StoredDelivery): Delivery {
  const { id, webhookId, orderId, type, revision, state, createdAt, endedAt, nextAt } = stored;
  const isTest = orderId === webhookId;
  return {
    ...{ id, type, order: isTest ? null : orderId, revision: isTest ? null : revision, state },
    createdAt: formatInstant(createdAt),
    endedAt: endedAt === null ? null : formatInstant(endedAt),
    nextAttemptAt: nextAt === null ? null : formatInstant(nextAt),
    attempts: stored.attempts.map(attemptAnswer),
  };
}

function attemptAnswer({ at, ...rest }: DeliveryAttempt): Attempt {
  return { at: formatInstant(at), ...rest };
}
