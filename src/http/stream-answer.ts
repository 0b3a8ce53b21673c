/**
 * Answers a stream of entries as server-sent events. The next page is read when the one before was taken, so that a slow
 * reader holds one page and nothing more; whoever may not read on gets nothing more from that instant.
 */

import type { Log } from "../runtime/ports.ts";
import type { EntryStream, StreamItem, StreamPage } from "../runtime/streams.ts";
import { commentText, eventText, placeText, retryText } from "./event-stream.ts";
import type { StreamPlace } from "./stream-places.ts";

/** Why the server ends a stream; its last event, `closed`, says so. */
export type Closing =
  /** Nothing will follow: the order has ended. A reader that comes again is answered 204, and stops. */
  | "order-done"
  /** The token has expired or was withdrawn. */
  | "token-refused"
  /** The token stands for other roles or centres now: begin again where you are. */
  | "authority-changed"
  | "server-stopping"
  | "server-failed";

export interface StreamSource {
  readonly stream: EntryStream;
  readonly place: StreamPlace;
  /** Asked before anything is sent: why its caller may not read on, or null. */
  readonly refusal: () => Promise<Closing | null>;
  readonly dataOf: (item: StreamItem) => string;
  readonly log: Log;
}

const HEARTBEAT_MS = 15_000;
/** Long enough that the readers of a server that was started again do not come all at once every moment. */
const RETRY_MS = 2_000;

export function streamBody(source: StreamSource): ReadableStream<Uint8Array> {
  const { stream, place, log } = source;
  const encoder = new TextEncoder();
  const next = texts(source);
  const end = (): void => {
    place.leave();
    stream.close();
  };
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        place.taken();
        const { text, isLast } = await next().catch((err: unknown): Text => {
          log.error({ err }, "a stream failed");
          return { text: closing("server-failed"), isLast: true };
        });
        place.offered();
        if (text !== "") controller.enqueue(encoder.encode(text));
        if (!isLast) return;
        end();
        controller.close();
      },
      cancel: end,
    },
    // Nothing is read ahead.
    { highWaterMark: 0 },
  );
}

interface Text {
  readonly text: string;
  readonly isLast: boolean;
}

/** Each call waits for the next piece of the answer. No generator: one that waits for its reader would hold its last page. */
function texts(source: StreamSource): () => Promise<Text> {
  const { stream, place, dataOf } = source;
  let told: number | null = null;
  return async () => {
    if (told === null) {
      told = stream.place;
      // A reader that is cut before the first entry shall come again for all that follows this place.
      return { text: retryText(RETRY_MS) + placeText(told), isLast: false };
    }
    const page = await stream.next(HEARTBEAT_MS, place.signal);
    const end = await endOf(source, page);
    if (end !== null) return { text: end === "gone" ? "" : closing(end), isLast: true };
    const last = page.items.at(-1);
    const text =
      last === undefined
        ? (page.place === told ? "" : placeText(page.place)) + commentText("still here")
        : page.items.map((item) => itemText(item, dataOf)).join("");
    told = last?.place ?? page.place;
    return { text, isLast: false };
  };
}

/** `gone`: the reader is, and there is nobody to tell. */
async function endOf(
  { place, refusal }: StreamSource,
  page: StreamPage,
): Promise<Closing | "gone" | null> {
  if (place.isStopping()) return "server-stopping";
  if (place.signal.aborted) return "gone";
  return (await refusal()) ?? (page.isOver ? "order-done" : null);
}

/** What can't be read holds up nothing: it is named, and the stream goes on. */
function itemText(item: StreamItem, dataOf: (item: StreamItem) => string): string {
  const { place: id, entry, order, process, revision } = item;
  if (entry !== null) return eventText({ name: "entry", id, data: dataOf(item) });
  const data = JSON.stringify({ order, process, revision, code: "history-diverged" });
  return eventText({ name: "unreadable", id, data });
}

function closing(reason: Closing): string {
  return eventText({ name: "closed", data: JSON.stringify({ reason }) });
}
