/** Delivers what is kept in one lane, the oldest first, for as long as one order waits for it. */

import canonicalize from "canonicalize";
import { createHash } from "node:crypto";
import { isJsonObject, type JsonObject } from "../../machines/json.ts";
import type { Correlation, Lane, Sender, WaitingMessage } from "../store/contracts/messages.ts";
import { MessageGone } from "../store/errors.ts";
import type { EpochMs } from "../store/store.ts";
import { createChange } from "./change.ts";
import { findWaiting, type Finding } from "./find-waiting.ts";
import type { Keyring } from "./keyring.ts";
import type { MessageCatalogue } from "./message-catalogue.ts";
import type { RefusalCode } from "./refusal.ts";
import type { SecretBox } from "./sealed-secret.ts";
import { send } from "./send.ts";
import type { Wake } from "./wake.ts";

export interface Delivering extends Finding {
  readonly wake: Wake;
  readonly keyring: Keyring;
  readonly catalogue: MessageCatalogue;
  readonly box: SecretBox;
}

const PAGE = 100;

/** Names a lane: messages of one name and correlation, sent with one authority. */
export function laneOf(name: string, correlation: Correlation, sender: Sender): Lane {
  const text = canonicalize([name, correlation, sender]) ?? "";
  const lane = createHash("sha256").update(text).digest("hex");
  return { lane, name, correlation, sender };
}

/**
 * A message that the order does not take now, though it takes such events, lets those behind it go first: its payload
 * may fit later.
 * @param since only orders that changed since may have begun to wait; null: any
 * @returns how many messages ended
 */
export async function deliverLane(
  ports: Delivering,
  lane: Lane,
  since: EpochMs | null,
): Promise<number> {
  let ended = 0;
  for (let after: WaitingMessage | null = null; ;) {
    const page: readonly WaitingMessage[] = await ports.store.messages.waiting(lane.lane, {
      ...{ after, limit: PAGE },
    });
    for (const message of page) {
      let end = await deliver(ports, lane, message, since);
      if (end === "nobody waits") {
        if (!(await somebodyWaits(ports, lane, since))) return ended;
        // For an item that is not there yet nobody may wait, and for another one somebody. Or an order has begun to wait
        // between the two looks: then this message still goes before those behind it.
        end = await deliver(ports, lane, message, since);
      }
      if (end === "ended") ended += 1;
    }
    if (page.length < PAGE) return ended;
    after = page.at(-1) ?? null;
  }
}

async function somebodyWaits(ports: Delivering, lane: Lane, since: EpochMs | null) {
  return (await waitingFor(ports, lane, null, since)).kind !== "none";
}

async function waitingFor(
  ports: Delivering,
  { name, correlation, sender }: Lane,
  payload: JsonObject | null,
  since: EpochMs | null,
) {
  const digests = (await ports.catalogue(ports.store, name)).map(({ digest }) => digest);
  return findWaiting(ports, { caller: sender, name, correlation, payload, digests, since });
}

/** Refusals that no later moment would take back. */
const FINAL: ReadonlySet<RefusalCode> = new Set([
  "payload-invalid",
  "item-exists",
  "data-invalid",
  "invariant-violated",
  "expression-failed",
  "step-unbounded",
]);

/** One that did not end waits on. */
async function deliver(
  ports: Delivering,
  lane: Lane,
  { id, payload: sealed }: WaitingMessage,
  since: EpochMs | null,
): Promise<"ended" | "misfit" | "nobody waits"> {
  const { store, library, box } = ports;
  const payload = payloadIn(box.open(sealed, id));
  const waiting = await waitingFor(ports, lane, payload, since);
  if (waiting.kind !== "one") return waiting.kind === "none" ? "nobody waits" : "misfit";
  const change = createChange(
    { change: (orderId, decide) => store.messages.deliver(id, orderId, decide) },
    library,
    ports,
  );
  try {
    const event = { type: lane.name, payload };
    const request = { caller: lane.sender, id: waiting.id, event, options: {}, write: true };
    const result = await send({ ...ports, change }, request);
    if (result.kind === "ok") return "ended";
    if (!FINAL.has(result.code)) return "misfit";
    await store.messages.refuse(id, waiting.id, result.code);
  } catch (error) {
    if (!(error instanceof MessageGone)) throw error;
  }
  return "ended";
}

function payloadIn(text: string): JsonObject {
  const payload: unknown = JSON.parse(text);
  if (isJsonObject(payload)) return payload;
  throw new Error("expected the payload of a message");
}
