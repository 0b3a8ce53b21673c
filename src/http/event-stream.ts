/** Writes `text/event-stream`, as the WHATWG's HTML standard reads it (section 9.2, server-sent events). */

export const EVENT_STREAM = "text/event-stream";

export interface StreamEvent {
  readonly name: string;
  readonly data: string;
  /** What the reader sends in `Last-Event-ID` when it comes again; absent: what it was before. */
  readonly id?: number;
}

/** Nothing counts before its blank line: an event that was cut in the middle never was. */
export function eventText({ name, data, id }: StreamEvent): string {
  const lines = data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
  return `event: ${name}\n${id === undefined ? "" : `id: ${id}\n`}${lines.join("")}\n`;
}

/** No event, but the place from which a reader that is cut now goes on. */
export function placeText(id: number): string {
  return `id: ${id}\n\n`;
}

/** How long a reader waits before it comes again. */
export function retryText(ms: number): string {
  return `retry: ${ms}\n\n`;
}

/** Readers pass over it; proxies see that the line is alive. */
export function commentText(text: string): string {
  return `: ${text}\n\n`;
}
