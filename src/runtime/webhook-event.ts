/**
 * The body of a delivery: a CloudEvent (1.0.2, structured mode, JSON), made of history alone, so that every attempt says
 * the same. Persons' data stands in it only when the webhook's roles take part in the order's process.
 */

import { toBase64 } from "../audit/log/base64.ts";
import { checkpointIn } from "../audit/log/grow.ts";
import { hashLine } from "../audit/entry.ts";
import { formatInstant } from "../../machines/time/instant.ts";
import { CHECKPOINT_TYPE } from "../store/contracts/merkle-log.ts";
import type { ClaimedDelivery } from "../store/contracts/deliveries.ts";
import { entryAnswer, type EntryReading } from "./entry-answer.ts";
import { tell } from "./webhook-tellers.ts";

export const TEST_TYPE = "sevenstep.webhook.test";

/** What a CloudEvents string may hold (section 3.1.1). */
const PRINTABLE = /^[^\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]+$/u;

/** @throws when the history, its definition or an incident is not what the delivery needs */
export async function eventBody(
  { store, library, keyring }: EntryReading,
  claimed: ClaimedDelivery,
): Promise<string> {
  const { orderId, type, revision, subject, roles, centres, createdBy } = claimed;
  if (claimed.order === null) return bodyOfNoOrder(claimed);
  const { line, outcome, businessKey, centre } = claimed.order;
  const caller = { sub: createdBy, roles, centres: centres === "*" ? null : centres };
  const stored = { line, hash: hashLine(line) };
  const entry = await entryAnswer({ store, library, keyring }, caller, orderId, stored);
  const executable = entry === null ? null : await library.load(entry.digest);
  if (entry === null || executable === null) {
    throw new Error(`expected the entry ${revision} of order ${orderId} and its definition`);
  }
  const story = { store, keyring, executable, orderId, entry, outcome, subject, caller };
  const { time, data } = await tell(type, story);
  const { process, version } = executable;
  return JSON.stringify({
    ...attributes(claimed, `/v1/work-orders/${orderId}`, time),
    // Extension attributes (section 3.1): what a receiver routes by without opening the data.
    ...{ subject: orderId, process, processversion: version, revision },
    ...(centre !== null && PRINTABLE.test(centre) ? { centre } : {}),
    data: { order: { id: orderId, process, version, businessKey, centre, revision }, ...data },
  });
}

/** Of no order. */
function bodyOfNoOrder(claimed: ClaimedDelivery): string {
  const { type, orderId, webhookId, createdAt, subject } = claimed;
  if (type === CHECKPOINT_TYPE) return checkpointBody(claimed, subject ?? "");
  if (type !== TEST_TYPE) throw new Error(`expected the history of order ${orderId}, found none`);
  return JSON.stringify({
    ...attributes(claimed, `/v1/webhooks/${webhookId}`, formatInstant(createdAt)),
    data: { webhook: webhookId },
  });
}

/** All that it says is in the note, which stands in it byte for byte. */
function checkpointBody(claimed: ClaimedDelivery, note: string): string {
  const checkpoint = checkpointIn(note);
  if (checkpoint === null) throw new Error(`expected a checkpoint, found: ${note}`);
  const { origin, size, root, time } = checkpoint;
  return JSON.stringify({
    ...attributes(claimed, "/v1/audit/checkpoints", time),
    data: { checkpoint: { origin, size, root: toBase64(root), time, note } },
  });
}

function attributes({ id, type }: ClaimedDelivery, source: string, time: string) {
  return { specversion: "1.0", id, type, source, time, datacontenttype: "application/json" };
}
