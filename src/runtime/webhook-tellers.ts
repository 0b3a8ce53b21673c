/** What an event says, by its type: the entry itself, the effect, the job, the task or the incident that it is about. */

import { z } from "zod";
import type { Executable } from "../../machines/compile/executable.ts";
import type { Text } from "../../machines/document/document.ts";
import { isJsonObject, memberOf, type Json, type JsonObject } from "../../machines/json.ts";
import { renderMessage } from "../../machines/step/messages.ts";
import { formatInstant } from "../../machines/time/instant.ts";
import type { Store } from "../store/store.ts";
import { maySeePersons } from "./caller.ts";
import type { Caller } from "./engine.ts";
import { withWords } from "./incident-words.ts";
import type { Keyring } from "./keyring.ts";
import { stepOf } from "./position.ts";
import type { HistoryEntry } from "./work-order.ts";

/** What happened, and all that tells of it. */
export interface Story {
  readonly store: Store;
  readonly keyring: Pick<Keyring, "read">;
  readonly executable: Executable;
  readonly orderId: string;
  /** Persons' data in it by the caller's leave. */
  readonly entry: HistoryEntry;
  /** Of the order's end; null: it has not ended. */
  readonly outcome: string | null;
  /** Which effect, job, task or incident. */
  readonly subject: string | null;
  /** With whose eyes it is told. */
  readonly caller: Caller;
}

export interface Told {
  readonly time: string;
  readonly data: JsonObject;
}

type Teller = (story: Story) => Told | Promise<Told>;

/** By CloudEvents type; effects bear their name behind `EFFECT`. */
const TELLERS: { readonly [type: string]: Teller } = {
  "sevenstep.work-order.created": change,
  "sevenstep.work-order.changed": change,
  "sevenstep.work-order.done": end,
  "sevenstep.job.opened": jobOpened,
  "sevenstep.task.opened": taskOpened,
  "sevenstep.incident.opened": (story) => incident(story, "opened"),
  "sevenstep.incident.closed": (story) => incident(story, "closed"),
};

export const EFFECT = "sevenstep.effect.";
export const EVENT_TYPES: readonly string[] = Object.keys(TELLERS);

/** @throws when the history or the incident is not what the type needs */
export function tell(type: string, story: Story): Told | Promise<Told> {
  const teller = type.startsWith(EFFECT) ? effect : memberOf(TELLERS, type);
  if (teller === undefined) throw new Error(`expected a known type of event, found ${type}`);
  return teller(story);
}

function change({ executable, entry }: Story): Told {
  return { time: entry.at, data: plain({ step: stepOf(executable.order, entry.after), entry }) };
}

function end(story: Story): Told {
  const { time, data } = change(story);
  return { time, data: { ...data, outcome: story.outcome } };
}

function effect({ executable, orderId, entry, subject }: Story): Told {
  const found = entry.effects[Number(subject)];
  if (found === undefined) throw missing(`effect ${subject}`, orderId);
  const key = found.params["message"];
  const text = typeof key === "string" ? memberOf(executable.document.messages, key) : undefined;
  const rendered = text === undefined ? {} : { text: inAllLanguages(executable, found, text) };
  return { time: entry.at, data: plain({ effect: { ...found, ...rendered } }) };
}

function inAllLanguages(
  executable: Executable,
  effect: Parameters<typeof renderMessage>[1],
  text: Text,
): Json {
  if (typeof text === "string") return renderMessage(executable, effect, "en");
  const languages = Object.keys(text);
  return Object.fromEntries(
    languages.map((language) => [language, renderMessage(executable, effect, language)]),
  );
}

function jobOpened({ orderId, entry, subject }: Story): Told {
  const found = entry.effects.find(
    ({ type, params }) => type === "job.opened" && params["job"] === subject,
  );
  if (found === undefined || subject === null) throw missing(`job ${subject}`, orderId);
  const { type = null, state = null, input = null } = found.params;
  const item = found.item === undefined ? {} : { item: found.item };
  const job = { id: `${orderId}.${subject}`, type, ...item, state, input };
  return { time: entry.at, data: { job } };
}

const storedTask = z.object({
  id: z.string(),
  item: z.string().nullable(),
  state: z.string(),
  role: z.string().nullable(),
  openedAt: z.number(),
  dueAt: z.number().nullable(),
});

function taskOpened({ executable, orderId, entry, subject }: Story): Told {
  const { id, item, state, role, openedAt, dueAt } = storedTask.parse(JSON.parse(subject ?? ""));
  const collection = item?.slice(0, item.indexOf("/"));
  const chart =
    collection === undefined ? executable.order : executable.items.get(collection)?.chart;
  const task = {
    ...{ id: `${orderId}.${id}`, state, ...(item === null ? {} : { item }) },
    ...{ title: chart?.states.get(state)?.meta.title ?? state, role },
    openedAt: formatInstant(openedAt),
    dueAt: dueAt === null ? null : formatInstant(dueAt),
  };
  return { time: entry.at, data: plain({ task }) };
}

/** A reason is a person's own words: for those for whom the process is open. */
async function incident(
  { store, keyring, executable, orderId, subject, caller }: Story,
  what: "opened" | "closed",
): Promise<Told> {
  const stored = await store.incidents.get(`${orderId}.${subject}`, { centres: "*" });
  const [found] = await withWords(keyring, stored === null ? [] : [stored]);
  if (found === undefined) throw missing(`incident ${subject}`, orderId);
  const { id, kind, code, detail, closedBy } = found;
  const openedAt = formatInstant(found.openedAt);
  const opened = { id, source: { kind, id: found.subject }, code, detail, openedAt };
  if (what === "opened") return { time: openedAt, data: { incident: opened } };
  const closedAt = formatInstant(found.closedAt ?? found.openedAt);
  const reason = maySeePersons(executable, caller) ? { reason: found.reason } : {};
  return { time: closedAt, data: { incident: { ...opened, closedAt, closedBy, ...reason } } };
}

function missing(what: string, orderId: string): Error {
  return new Error(`expected the ${what} of order ${orderId}, found none`);
}

/** What answers are made of is plain data; members that are absent are left out. */
function plain(value: object): JsonObject {
  const data: unknown = JSON.parse(JSON.stringify(value));
  return isJsonObject(data) ? data : {};
}
