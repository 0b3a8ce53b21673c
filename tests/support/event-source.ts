/** Reads a `text/event-stream` by the WHATWG's rules (HTML standard, section 9.2.6), however the bytes are cut. */

export interface ServerSentEvent {
  readonly type: string;
  readonly data: string;
  /** The last event id when it was dispatched. */
  readonly lastEventId: string;
}

export interface EventParser {
  /** The events that these bytes complete. What has no blank line after it yet, never was if the stream ends here. */
  readonly push: (bytes: Uint8Array) => readonly ServerSentEvent[];
  /** What a reader that comes again sends in `Last-Event-ID`; "" when it read none. */
  readonly lastEventId: () => string;
  /** Milliseconds; null: none was given. */
  readonly retry: () => number | null;
  readonly comments: () => number;
  /** Whether what was read ends within an event or a field. */
  readonly isTorn: () => boolean;
}

export function createEventParser(lastEventId = ""): EventParser {
  const decoder = new TextDecoder("utf-8");
  let rest = "";
  let last = lastEventId;
  let retry: number | null = null;
  let comments = 0;
  let block = { type: "", data: "", id: last };

  const dispatch = (): ServerSentEvent | null => {
    const { type, data, id } = block;
    last = id;
    block = { type: "", data: "", id };
    if (data === "") return null;
    return { type: type === "" ? "message" : type, data: data.slice(0, -1), lastEventId: id };
  };
  const field = (name: string, value: string): void => {
    if (name === "event") block.type = value;
    if (name === "data") block.data += `${value}\n`;
    if (name === "id" && !value.includes("\0")) block.id = value;
    if (name === "retry" && /^\d+$/.test(value)) retry = Number(value);
  };
  const line = (text: string): ServerSentEvent | null => {
    if (text === "") return dispatch();
    const colon = text.indexOf(":");
    if (colon === 0) comments += 1;
    else if (colon === -1) field(text, "");
    else field(text.slice(0, colon), text.slice(colon + 1).replace(/^ /, ""));
    return null;
  };

  return {
    push: (bytes) => {
      rest += decoder.decode(bytes, { stream: true });
      // A carriage return at the very end may be the first half of a line's end.
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? "";
      return lines.map(line).filter((event) => event !== null);
    },
    lastEventId: () => last,
    retry: () => retry,
    comments: () => comments,
    isTorn: () => rest !== "" || block.type !== "" || block.data !== "",
  };
}
