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
  const { stream, place } = source;
  const encoder = new TextEncoder();
  const texts = whole(source);
  const end = (): void => {
    place.leave();
    stream.close();
  };
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        place.taken();
        const next = await texts.next();
        if (next.done === true) {
          end();
          controller.close();
          return;
        }
        place.offered();
        controller.enqueue(encoder.encode(next.value));
      },
      cancel: end,
    },
    // Nothing is read ahead.
    { highWaterMark: 0 },
  );
}

async function* whole(source: StreamSource): AsyncGenerator<string, void> {
  const { log } = source;
  try {
    yield* texts(source);
  } catch (err) {
    log.error({ err }, "a stream failed");
    yield closing("server-failed");
  }
}

async function* texts(source: StreamSource): AsyncGenerator<string, void> {
  const { stream, place, dataOf } = source;
  let told = stream.place;
  // A reader that is cut before the first entry shall come again for all that follows this place.
  yield retryText(RETRY_MS) + placeText(told);
  for (;;) {
    const page = await stream.next(HEARTBEAT_MS, place.signal);
    const end = await endOf(source, page);
    if (end === "gone") return;
    if (end !== null) {
      yield closing(end);
      return;
    }
    const last = page.items.at(-1);
    if (last === undefined) {
      yield (page.place === told ? "" : placeText(page.place)) + commentText("still here");
      told = page.place;
    } else {
      yield page.items.map((item) => itemText(item, dataOf)).join("");
      told = last.place;
    }
  }
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
