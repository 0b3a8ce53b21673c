/** Reads `text/event-stream` by the rules of the WHATWG's HTML standard (section 9.2.6), however its bytes were cut. */

export interface ServerSentEvent {
  readonly name: string;
  readonly data: string;
}

export interface StreamHeard {
  /** The last `id` that an event, or a block without data, gave. */
  readonly lastEventId: string | null;
  /** The last `retry`, in milliseconds. */
  readonly retryMs: number | null;
}

/** @param heard is told after each block, before its event is given */
export async function* serverSentEvents(
  body: ReadableStream<Uint8Array>,
  heard: (place: StreamHeard) => void,
): AsyncGenerator<ServerSentEvent, void> {
  let lastEventId: string | null = null;
  let retryMs: number | null = null;
  let block = emptyBlock();
  for await (const line of linesOf(body)) {
    if (line !== "") {
      block = withLine(block, line);
      continue;
    }
    lastEventId = block.id ?? lastEventId;
    retryMs = block.retryMs ?? retryMs;
    heard({ lastEventId, retryMs });
    if (block.data.length > 0) yield { name: block.name, data: block.data.join("\n") };
    block = emptyBlock();
  }
}

interface Block {
  readonly name: string;
  readonly data: readonly string[];
  readonly id: string | null;
  readonly retryMs: number | null;
}

function emptyBlock(): Block {
  return { name: "message", data: [], id: null, retryMs: null };
}

function withLine(block: Block, line: string): Block {
  const colon = line.indexOf(":");
  if (colon === 0) return block;
  const field = colon === -1 ? line : line.slice(0, colon);
  const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
  switch (field) {
    case "event":
      return { ...block, name: value };
    case "data":
      return { ...block, data: [...block.data, value] };
    case "id":
      return value.includes("\u0000") ? block : { ...block, id: value };
    case "retry":
      return /^\d+$/.test(value) ? { ...block, retryMs: Number(value) } : block;
    default:
      return block;
  }
}

/** Whole lines only; what follows the last line break never was. */
async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      rest += decoder.decode(value, { stream: true });
      // A CR at the end may be the first half of a CRLF.
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? "";
      yield* lines;
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}
