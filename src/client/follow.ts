/** Follows orders as they change: each entry once and in order, over lost connections and servers that come and go. */

import type { HistoryEntry } from "./generated/schemas/history.ts";
import type { Problem } from "./generated/schemas/shared.ts";
import { isProblem } from "./granted.ts";
import { NoAnswerError, ProblemError } from "./problem-error.ts";
import { sleep } from "./sleep.ts";
import { serverSentEvents, type StreamHeard } from "./server-sent-events.ts";

export interface FollowOptions {
  /** An order's id; absent: all that the token reaches. */
  readonly order?: string;
  /** The place to go on from, as `Followed.place` gave it; absent: an order's first entry, or of all, from now on. */
  readonly after?: string;
  /** Of all orders, only these. */
  readonly process?: string;
  readonly centre?: string;
  /** Ends it. */
  readonly signal?: AbortSignal;
}

export interface Followed {
  readonly order: string;
  readonly entry: HistoryEntry;
  /** Kept by a reader that goes on from here after it was started anew. */
  readonly place: string;
}

type Send = (path: string, init?: RequestInit) => Promise<Response>;

const PAUSE_MS = 2_000;

/**
 * Ends when the order has ended or the signal aborts.
 * @throws {ProblemError} when the server refuses, such as a token that has expired
 * @throws {TypeError} when a stored entry was altered: `verify` of the order says more
 */
export async function* follow(send: Send, options: FollowOptions): AsyncGenerator<Followed, void> {
  const signal = options.signal ?? new AbortController().signal;
  let heard: StreamHeard = { lastEventId: options.after ?? null, retryMs: null };
  while (!signal.aborted) {
    const body = await opened(send, options, heard.lastEventId, signal);
    if (body === "over") return;
    const events =
      body === null ? [] : serverSentEvents(body, (place) => (heard = later(heard, place)));
    try {
      for await (const { name, data } of events) {
        if (name === "entry") yield { ...entryIn(data, options), place: heard.lastEventId ?? "" };
        if (name === "unreadable") throw new TypeError(`Expected an entry, found ${data}.`);
      }
    } catch (error) {
      if (signal.aborted) return;
      // The platform's word for a connection that broke.
      if (!isLost(error)) throw error;
    }
    await sleep(heard.retryMs ?? PAUSE_MS, signal);
  }
}

/** @returns null: nobody answers now */
async function opened(
  send: Send,
  options: FollowOptions,
  lastEventId: string | null,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array> | "over" | null> {
  const headers = {
    Accept: "text/event-stream",
    ...(lastEventId === null ? {} : { "Last-Event-ID": lastEventId }),
  };
  try {
    const response = await send(addressOf(options), { headers, signal });
    if (response.status === 204) return "over";
    if (!response.ok) throw new ProblemError(await problemIn(response));
    return response.body;
  } catch (error) {
    if (signal.aborted) return "over";
    if (error instanceof NoAnswerError) return null;
    throw error;
  }
}

function addressOf({ order, process, centre }: FollowOptions): string {
  if (order !== undefined) return `/v1/work-orders/${encodeURIComponent(order)}/stream`;
  const query = new URLSearchParams({
    ...(process === undefined ? {} : { process }),
    ...(centre === undefined ? {} : { centre }),
  });
  return query.size === 0 ? "/v1/stream" : `/v1/stream?${query}`;
}

type EntryEvent = HistoryEntry & { readonly order?: string };

function entryIn(data: string, { order }: FollowOptions): Pick<Followed, "order" | "entry"> {
  const entry: unknown = JSON.parse(data);
  if (isEntry(entry)) return { order: order ?? entry.order ?? "", entry };
  throw new TypeError(`Expected a history entry, found ${data.slice(0, 100)}.`);
}

function isEntry(value: unknown): value is EntryEvent {
  return typeof value === "object" && value !== null && "revision" in value && "type" in value;
}

async function problemIn(response: Response): Promise<Problem> {
  const problem: unknown = await response.json();
  if (isProblem(problem)) return problem;
  throw new TypeError(`Expected a problem document with status ${response.status}, found none.`);
}

/** What was heard on an earlier connection holds until it is said anew. */
function later(before: StreamHeard, now: StreamHeard): StreamHeard {
  return {
    lastEventId: now.lastEventId ?? before.lastEventId,
    retryMs: now.retryMs ?? before.retryMs,
  };
}

/** `fetch` reports a connection that broke in the middle as one of these. */
function isLost(error: unknown): boolean {
  return (error instanceof TypeError && error.cause !== undefined) || error instanceof DOMException;
}
