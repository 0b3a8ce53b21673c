/**
 * Answers an export as one body that is made while it is read: the next piece when the one before was taken. What fails on
 * the way, and a caller who may not read on, end the connection in the middle, so that nobody takes a part for the whole.
 */

import type { Log } from "../runtime/ports.ts";
import type { StreamPlace } from "./stream-places.ts";

export interface ExportSource {
  /** Asked for before the answer began, so that a refusal still was one. */
  readonly first: string;
  readonly rest: AsyncGenerator<string, void>;
  readonly place: StreamPlace;
  /** Why its caller may not read on, or null. */
  readonly refusal: () => Promise<string | null>;
  readonly log: Log;
}

export function exportBody({
  first,
  rest,
  place,
  refusal,
  log,
}: ExportSource): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let next: string | null = first;
  const end = async (): Promise<void> => {
    place.leave();
    await rest.return();
  };
  const following = async (): Promise<string | null> => {
    if (next === null) {
      if (place.signal.aborted) throw new Error("the server stops, or the reader is gone");
      const reason = await refusal();
      if (reason !== null) throw new Error(`the caller may not read on: ${reason}`);
      const { done, value } = await rest.next();
      return done === true ? null : value;
    }
    const text = next;
    next = null;
    return text;
  };
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        place.taken();
        try {
          const text = await following();
          place.offered();
          if (text !== null) {
            controller.enqueue(encoder.encode(text));
            return;
          }
          await end();
          controller.close();
        } catch (err) {
          log.error({ err }, "an export was broken off");
          await end();
          controller.error(err);
        }
      },
      cancel: end,
    },
    // Nothing is made ahead.
    { highWaterMark: 0 },
  );
}
