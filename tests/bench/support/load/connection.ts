/**
 * One keep-alive connection that sends a request's bytes and reads the answer: status, ETag, Retry-After, end of body.
 *
 * On plain sockets, because the generator shares the machine with what it measures: a request costs about 10 us here, and
 * two to four times as much through undici, which builds objects and streams that no bench looks at.
 */

import { connect, type Socket } from "node:net";

export interface Answer {
  /** 0: the connection broke before the answer was whole. */
  readonly status: number;
  /** Without quotes; empty: none. */
  readonly etag: string;
  /** Seconds after which to come again, as the answer says; null: it does not say. */
  readonly retryAfter: number | null;
}

export interface Connection {
  /** One request at a time; `onAnswer` is called once. */
  readonly send: (request: string, onAnswer: (answer: Answer) => void) => void;
  readonly close: () => void;
}

const BROKEN: Answer = { status: 0, etag: "", retryAfter: null };
const HEADERS_END = "\r\n\r\n";
/** After `HTTP/1.1 `. */
const STATUS_AT = 9;

interface WholeAnswer extends Answer {
  /** The server ends the connection after it. */
  readonly isLast: boolean;
}

/** Connects at the first request, and again at the next one after it was cut. */
export function createConnection(host: string, port: number): Connection {
  let socket: Socket | null = null;
  let waiting: ((answer: Answer) => void) | null = null;
  let received = "";

  const settle = (answer: Answer): void => {
    const onAnswer = waiting;
    waiting = null;
    received = "";
    onAnswer?.(answer);
  };
  const opened = (): Socket => {
    const opening = connect({ host, port, noDelay: true });
    // One character is one byte, so that lengths can be compared.
    opening.setEncoding("latin1");
    opening.on("data", (chunk: string) => {
      received += chunk;
      const answer = wholeAnswer(received);
      if (answer === null) return;
      if (answer.isLast) drop(opening);
      settle(answer);
    });
    opening.on("error", () => {});
    opening.on("close", () => {
      if (socket !== opening) return;
      socket = null;
      settle(BROKEN);
    });
    return opening;
  };
  const drop = (old: Socket): void => {
    socket = null;
    old.destroy();
  };
  return {
    send: (request, onAnswer) => {
      waiting = onAnswer;
      socket ??= opened();
      socket.write(request, "latin1");
    },
    close: () => socket?.destroy(),
  };
}

/** @returns null while there is more to come */
function wholeAnswer(received: string): WholeAnswer | null {
  const end = received.indexOf(HEADERS_END);
  if (end < 0) return null;
  const head = received.slice(0, end + 2).toLowerCase();
  if (!isWhole(received, head, end + HEADERS_END.length)) return null;
  return {
    status: Number(head.slice(STATUS_AT, STATUS_AT + 3)),
    etag: (header(head, "etag") ?? "").replaceAll('"', ""),
    retryAfter: seconds(header(head, "retry-after")),
    isLast: header(head, "connection") === "close",
  };
}

/** RFC 9112 section 6.3; an answer to a POST that says neither has no body. */
function isWhole(received: string, head: string, body: number): boolean {
  const length = header(head, "content-length");
  if (length !== null) return received.length >= body + Number(length);
  return header(head, "transfer-encoding") === null || isLastChunkThere(received, body);
}

/** RFC 9112 section 7.1, without trailers. */
function isLastChunkThere(received: string, from: number): boolean {
  for (let at = from; ;) {
    const lineEnd = received.indexOf("\r\n", at);
    if (lineEnd < 0) return false;
    const size = Number.parseInt(received.slice(at, lineEnd), 16);
    at = lineEnd + 2 + size + 2;
    if (received.length < at) return false;
    if (size === 0) return true;
  }
}

/** A date counts as a second: none of those measured here writes one. */
function seconds(text: string | null): number | null {
  return text === null ? null : Number(/^\d+$/.exec(text)?.[0] ?? 1);
}

/** @param head in lower case */
function header(head: string, name: string): string | null {
  const at = head.indexOf(`\r\n${name}:`);
  if (at < 0) return null;
  const from = at + name.length + 3;
  return head.slice(from, head.indexOf("\r\n", from)).trim();
}
