/** Secrets of webhooks: as Standard Webhooks writes them, stored sealed, and what they sign. */

import { Webhook } from "standardwebhooks";
import type { ClaimedDelivery } from "../store/contracts/deliveries.ts";
import type { Random } from "./ports.ts";
import { createSecretBox, type SecretBox } from "./sealed-secret.ts";

const PREFIX = "whsec_";
const NEW_BYTES = 32;
const FEWEST_BYTES = 24;
const MOST_BYTES = 64;

/** Owner of a secret is the webhook's id. */
export function webhookSecretBox(secret: Uint8Array, random: Random): SecretBox {
  return createSecretBox(secret, "webhook secret", random);
}

export function newWebhookSecret(random: Random): string {
  return `${PREFIX}${Buffer.from(random(NEW_BYTES)).toString("base64")}`;
}

/** `whsec_` and canonical base64 of 24 to 64 bytes. */
export function isWebhookSecret(text: string): boolean {
  const encoded = text.slice(PREFIX.length);
  const bytes = Buffer.from(encoded, "base64");
  return (
    text.startsWith(PREFIX) &&
    bytes.toString("base64") === encoded &&
    bytes.length >= FEWEST_BYTES &&
    bytes.length <= MOST_BYTES
  );
}

/**
 * The headers of Standard Webhooks, signed under every secret that is valid at the claim.
 * @throws when a secret does not open: it was sealed under another key of the servers'
 */
export function signatureHeaders(
  box: SecretBox,
  { id, webhookId, secrets, now }: Pick<ClaimedDelivery, "id" | "webhookId" | "secrets" | "now">,
  body: string,
): { readonly [name: string]: string } {
  const signatures = secrets
    .filter(({ validUntil }) => validUntil === null || validUntil > now)
    .map(({ sealed }) => new Webhook(box.open(sealed, webhookId)).sign(id, new Date(now), body));
  return {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(now / 1000)),
    "webhook-signature": signatures.join(" "),
  };
}
