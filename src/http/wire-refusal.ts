/** Answers what never becomes a request: bytes that are not HTTP, headers without an end, callers that are too slow. */

import type { Duplex } from "node:stream";
import { PROBLEMS, problem } from "./problem.ts";
import type { ProblemCode } from "./problem.ts";

type WireCode = Extract<
  ProblemCode,
  "headers-too-large" | "request-malformed" | "request-too-slow"
>;

const DETAILS: { readonly [code in WireCode]: string } = {
  "headers-too-large": "The headers of a request, its address among them, hold at most 16 KiB.",
  "request-malformed": "The bytes are not a request as RFC 9112 writes one.",
  "request-too-slow": "Headers must arrive within 10 seconds, the whole request within 30.",
};

const HEADERS = {
  "Content-Type": "application/problem+json",
  "Content-Language": "en",
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
} as const;

/** For an address that can't be read; the language that the caller would like was not read either. */
export function malformedAnswer(): Response {
  const { status, body } = refusal("request-malformed");
  return new Response(body, { status, headers: { ...HEADERS, Connection: "close" } });
}

/**
 * Says why and closes the connection, whose next bytes could be anything: a second request must not hide in them.
 *
 * @param hasAnswer whether an answer has begun on the connection; another text would only garble it
 */
export function refuseOnWire(error: Error, socket: Duplex, hasAnswer: boolean): void {
  if (!socket.writable || hasAnswer || ("code" in error && error.code === "ECONNRESET")) {
    socket.destroy();
    return;
  }
  const { status, body } = refusal(codeOf(error));
  const headers = { ...HEADERS, "Content-Length": Buffer.byteLength(body), Connection: "close" };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const text = `HTTP/1.1 ${status} ${REASONS[status] ?? ""}\r\n${lines.join("")}\r\n${body}`;
  socket.end(text);
  // Closed at once, what the caller is still sending would make its system throw the answer away.
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

const LINGER_MS = 1_000;

const REASONS: { readonly [status: number]: string } = {
  400: "Bad Request",
  408: "Request Timeout",
  431: "Request Header Fields Too Large",
};

function refusal(code: WireCode): { readonly status: number; readonly body: string } {
  return {
    status: PROBLEMS[code].status,
    body: JSON.stringify(problem(code, DETAILS[code], "en")),
  };
}

function codeOf(error: Error): WireCode {
  const code = "code" in error ? error.code : "";
  if (code === "HPE_HEADER_OVERFLOW") return "headers-too-large";
  return code === "ERR_HTTP_REQUEST_TIMEOUT" ? "request-too-slow" : "request-malformed";
}
