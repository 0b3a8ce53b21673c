/** Messages from outside: sent to the one order that waits, kept for the one to come, or told that nobody or too many wait. */

import { formatInstant } from "../../machines/time/instant.ts";
import type {
  CorrelatedField,
  Correlation,
  Message,
  MessageReader,
} from "../store/contracts/messages.ts";
import { createChange } from "./change.ts";
import { scopeOf } from "./caller.ts";
import type { MessageAnswer, MessageRequest, MessageSent, Messages } from "./contracts/messages.ts";
import type { Caller } from "./engine.ts";
import { findWaiting, type Waiting } from "./find-waiting.ts";
import { uuidv7 } from "./ids.ts";
import { deliverLane, laneOf, type Delivering } from "./lane-delivery.ts";
import type { Listener } from "./message-catalogue.ts";
import type { Clock } from "./ports.ts";
import { refused, type FieldError, type Refused } from "./refusal.ts";
import { send } from "./send.ts";

export interface Messaging extends Delivering {
  readonly clock: Clock;
  /** Called after a message was kept. */
  readonly kept: () => void;
}

/** Of one sender: a queue without a bound would be somebody's disk. */
const MAX_KEPT = 10_000;
/** An order that was found may have moved on before its lock was taken. */
const ATTEMPTS = 3;
const MOVED_ON: ReadonlySet<Refused["code"]> = new Set([
  "event-not-enabled",
  "order-closed",
  "not-found",
  "item-unknown",
]);
const BUSINESS_KEY = "businessKey";

export function createMessages(ports: Messaging): Messages {
  const { store } = ports;
  return {
    send: (caller, request) => sendMessage(ports, caller, request),
    list: async (caller, filter, page) => {
      const { items, nextCursor } = await store.messages.list(
        { ...filter, ...page },
        readerOf(caller),
      );
      return { kind: "ok", items: items.map(messageAnswer), nextCursor };
    },
    get: async (caller, id) => {
      const message = await store.messages.get(id, readerOf(caller));
      return message === null
        ? unknownMessage(id)
        : { kind: "ok", message: messageAnswer(message) };
    },
    withdraw: async (caller, id) => {
      const message = await store.messages.withdraw(id, readerOf(caller));
      if (message === null) return unknownMessage(id);
      if (message.state === "withdrawn") return { kind: "ok", message: messageAnswer(message) };
      const detail = `Expected a message that is kept, found one that is ${message.state}: what has happened stays.`;
      return refused("message-ended", detail);
    },
  };
}

async function sendMessage(
  ports: Messaging,
  caller: Caller,
  request: MessageRequest,
): Promise<MessageSent | Refused> {
  const { name, payload, ttlSeconds } = request;
  const correlation = correlationOf(request.correlation);
  const listeners = await ports.catalogue(ports.store, name);
  const flaw = flawOf(caller, name, correlation, listeners);
  if (flaw !== null) return flaw;
  // What was kept before is older, and goes first.
  const lane = laneOf(name, correlation, senderOf(caller));
  await deliverLane(ports, lane, null);
  const digests = listeners.map(({ digest }) => digest);
  const wanted = { caller, name, correlation, payload, digests, since: null };
  const change = createChange(ports.store, ports.library, ports);
  for (let attempt = 1; ; attempt += 1) {
    const waiting = await findWaiting(ports, wanted);
    if (waiting.kind === "several") return ambiguous(waiting);
    if (waiting.kind === "none") {
      return ttlSeconds === undefined ? unmatched(name) : keep(ports, caller, request, listeners);
    }
    const event = { type: name, payload };
    const sending = { caller, id: waiting.id, event, options: {}, write: true };
    const result = await send({ ...ports, change }, sending);
    if (result.kind === "ok") return { kind: "ok", order: result.order };
    if (attempt === ATTEMPTS || !MOVED_ON.has(result.code)) return result;
  }
}

async function keep(
  ports: Messaging,
  caller: Caller,
  { name, correlation: asked, payload, ttlSeconds = 0 }: MessageRequest,
  listeners: readonly Listener[],
): Promise<MessageSent | Refused> {
  const errors = await payloadErrors(ports, name, payload, listeners);
  if (errors.length > 0) {
    const detail = `Expected the payload that ${name} declares; found other, which no order would ever take.`;
    return refused("payload-invalid", detail, { errors });
  }
  const id = uuidv7(ports);
  const message = await ports.store.messages.keep(
    {
      ...laneOf(name, correlationOf(asked), senderOf(caller)),
      ...{ id, payload: ports.box.seal(JSON.stringify(payload), id), ttlMs: ttlSeconds * 1000 },
    },
    MAX_KEPT,
  );
  if (message === null) {
    const detail = `Expected fewer than ${MAX_KEPT} kept messages of ${caller.sub}, found as many: wait until orders have taken some, or withdraw some.`;
    return refused("messages-full", detail);
  }
  // An order may have come to wait between the look and the keeping.
  ports.kept();
  return { kind: "ok", message: messageAnswer(message) };
}

/** So many definitions are asked; among more, one that takes the payload is likely, and delivery judges it anyway. */
const MAX_ASKED = 20;

/** Of the first definition that refuses it, when none would take it. */
async function payloadErrors(
  { library }: Messaging,
  name: string,
  payload: MessageRequest["payload"],
  listeners: readonly Listener[],
): Promise<readonly FieldError[]> {
  let first: readonly FieldError[] | null = null;
  if (listeners.length > MAX_ASKED) return [];
  for (const { digest } of listeners) {
    const executable = library.peek(digest) ?? (await library.load(digest));
    const errors = executable?.events.get(name)?.payload.raw(payload) ?? [];
    if (errors.length === 0) return [];
    first ??= errors.map(({ pointer, message }) => ({ pointer, message }));
  }
  return first ?? [];
}

/** What keeps the message from ever reaching an order. */
function flawOf(
  { roles }: Caller,
  name: string,
  { fields }: Correlation,
  listeners: readonly Listener[],
): Refused | null {
  if (listeners.length === 0) {
    const detail = `Expected an event of a published process that somebody may send, found "${name}".`;
    return refused("event-unknown", detail);
  }
  const allowed = listeners.filter(
    ({ by }) => by === null || by.some((role) => roles.includes(role)),
  );
  if (allowed.length === 0) {
    const by = [...new Set(listeners.flatMap((listener) => listener.by ?? []))];
    const detail = `Expected one of the roles ${by.join(", ")} to send ${name}, found ${roles.join(", ") || "none"}.`;
    return refused("role-not-allowed", detail);
  }
  const errors = fields.flatMap((field) => fieldErrors(field, name, listeners));
  if (errors.length === 0) return null;
  const detail = `Expected fields by which an order that takes ${name} can be told, found ${errors.length} that can't be.`;
  return refused("correlation-invalid", detail, { errors });
}

function fieldErrors(
  { path }: CorrelatedField,
  name: string,
  listeners: readonly Listener[],
): readonly FieldError[] {
  const places = listeners.map(({ fieldAt }) => fieldAt(path));
  const pointer = `/${path.join(".")}`;
  if (places.includes("sealed")) {
    const message =
      "holds personal data (x-personal), which is stored sealed and can't be searched: correlate by the business key, or by a field without personal data";
    return [{ pointer, message }];
  }
  if (places.some((place) => place !== "unknown")) return [];
  const message = `no process that knows ${name} has this field in its data`;
  return [{ pointer, message }];
}

/** Its fields by name: the same correlation is the same lane. */
function correlationOf(asked: MessageRequest["correlation"]): Correlation {
  const { [BUSINESS_KEY]: businessKey, ...others } = asked;
  const fields = Object.entries(others)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]): CorrelatedField => {
      const [first = "", ...inner] = name.split(".");
      return { path: [first, ...inner], value };
    });
  return { businessKey: typeof businessKey === "string" ? businessKey : null, fields };
}

function senderOf({ sub, roles, centres }: Caller) {
  return { sub, roles, centres };
}

/** An admin sees what others of its centres keep. */
function readerOf(caller: Caller): MessageReader {
  const { sub, roles } = caller;
  return { sub, others: roles.includes("admin") ? scopeOf(caller) : null };
}

function unmatched(name: string): Refused {
  const detail = `Expected one open order with this correlation that waits for ${name} from this caller, found none: give \`ttlSeconds\` to keep the message until one does.`;
  return refused("message-unmatched", detail);
}

function ambiguous({ ids, all }: Extract<Waiting, { readonly kind: "several" }>): Refused {
  const found = all ? `${ids.length} that wait` : "too many that fit";
  const detail = `Expected one order with this correlation, found ${found}: correlate by more, or send the event to the order itself.`;
  return refused("message-ambiguous", detail, { orders: ids });
}

function unknownMessage(id: string): Refused {
  return refused("not-found", `Expected a message, found none with the id "${id}".`);
}

function messageAnswer(message: Message): MessageAnswer {
  const { id, name, correlation, state, createdAt, expiresAt, endedAt } = message;
  const { orderId, revision, code } = message;
  const fields = correlation.fields.map(({ path, value }) => [path.join("."), value] as const);
  const { businessKey } = correlation;
  return {
    ...{ id, name, state },
    correlation: {
      ...(businessKey === null ? {} : { businessKey }),
      ...Object.fromEntries(fields),
    },
    createdAt: formatInstant(createdAt),
    expiresAt: formatInstant(expiresAt),
    endedAt: endedAt === null ? null : formatInstant(endedAt),
    ...{ order: orderId, revision, code },
  };
}
