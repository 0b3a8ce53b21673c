/** Sends a request until it is answered for good: each write under one idempotency key, so that it takes effect once. */

import { NoAnswerError } from "./problem-error.ts";

export interface RetryOptions {
  readonly fetch: (request: Request) => Promise<Response>;
  /** Of all attempts together, the first included. */
  readonly attempts: number;
  /** Of one attempt, until the head of its answer. */
  readonly timeoutMs: number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

const FIRST_PAUSE_MS = 200;
const MAX_PAUSE_MS = 10_000;
/** A server may ask for more patience than this; then its answer is handed on. */
const MAX_RETRY_AFTER_MS = 60_000;

/**
 * What may succeed without anybody changing it is tried again: a lost connection, a time-out, and a refusal whose problem
 * document says `retryable`. `Retry-After` (RFC 9110 section 10.2.3) is honoured.
 * @throws {NoAnswerError} when the last attempt ended without an answer
 * @throws the request's own abort reason
 */
export function retryingFetch(options: RetryOptions): (request: Request) => Promise<Response> {
  return async (request) => {
    const sent = keyed(request);
    for (let attempt = 1; ; attempt += 1) {
      const isLast = attempt >= options.attempts;
      const outcome = await once(sent, options);
      if (outcome.kind === "answer") {
        const pauseMs = isLast ? null : await pauseBefore(outcome.response, attempt);
        if (pauseMs === null) return outcome.response;
        // Not waited for: a body that somebody else reads as well is cancelled when they have done.
        outcome.response.body?.cancel().catch(() => undefined);
        await options.sleep(pauseMs, sent.signal);
      } else {
        if (isLast) {
          const key = sent.headers.get("idempotency-key");
          throw new NoAnswerError(sent.url, key, outcome.cause);
        }
        await options.sleep(backOffMs(attempt), sent.signal);
      }
      sent.signal.throwIfAborted();
    }
  };
}

type Outcome =
  | { readonly kind: "answer"; readonly response: Response }
  | { readonly kind: "lost"; readonly cause: unknown };

async function once(request: Request, { fetch, timeoutMs }: RetryOptions): Promise<Outcome> {
  const time = new AbortController();
  const timer = setTimeout(
    () => time.abort(new DOMException("timed out", "TimeoutError")),
    timeoutMs,
  );
  const signal = AbortSignal.any([request.signal, time.signal]);
  try {
    return { kind: "answer", response: await fetch(new Request(request.clone(), { signal })) };
  } catch (cause) {
    request.signal.throwIfAborted();
    return { kind: "lost", cause };
  } finally {
    clearTimeout(timer);
  }
}

/** Reads are safe to repeat as they are (RFC 9110 section 9.2.2). */
function keyed(request: Request): Request {
  const isRead = request.method === "GET" || request.method === "HEAD";
  if (isRead || request.headers.has("idempotency-key")) return request;
  const headers = new Headers(request.headers);
  headers.set("Idempotency-Key", crypto.randomUUID());
  return new Request(request, { headers });
}

/** @returns null when the answer is to be handed on */
async function pauseBefore(response: Response, attempt: number): Promise<number | null> {
  if (response.ok || !(await isRetryable(response))) return null;
  const asked = Number(response.headers.get("retry-after") ?? "0") * 1_000;
  if (!Number.isFinite(asked) || asked > MAX_RETRY_AFTER_MS) return null;
  return Math.max(asked, backOffMs(attempt));
}

async function isRetryable(response: Response): Promise<boolean> {
  const type = response.headers.get("content-type") ?? "";
  // A proxy in between has no problem documents: by these it says that the server is away.
  if (!type.startsWith("application/problem+json"))
    return [502, 503, 504].includes(response.status);
  const problem: unknown = await response.clone().json();
  return (
    typeof problem === "object" &&
    problem !== null &&
    "retryable" in problem &&
    problem.retryable === true
  );
}

/** Doubled at each attempt, and spread over its upper half, so that clients do not come back all at once. */
function backOffMs(attempt: number): number {
  const fullMs = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), MAX_PAUSE_MS);
  return fullMs * (0.5 + Math.random() / 2);
}
