import { describe, expect, test } from "vitest";
import { NoAnswerError } from "../../src/client/problem-error.ts";
import { retryingFetch } from "../../src/client/retrying-fetch.ts";

type Reply = Response | Error | "silence";

interface Played {
  readonly send: (request: Request) => Promise<Response>;
  readonly seen: readonly { readonly key: string | null; readonly body: string }[];
  readonly pauses: readonly number[];
}

/** A server that gives these replies in turn, and the last one from then on. */
function playing(replies: readonly Reply[], attempts = 5): Played {
  const seen: { key: string | null; body: string }[] = [];
  const pauses: number[] = [];
  const send = retryingFetch({
    attempts,
    timeoutMs: 20,
    fetch: async (request) => {
      const reply = replies[Math.min(seen.length, replies.length - 1)];
      seen.push({ key: request.headers.get("idempotency-key"), body: await request.text() });
      if (reply === undefined || reply === "silence") {
        return new Promise((_, reject) => {
          const end = () => reject(request.signal.reason);
          if (request.signal.aborted) end();
          request.signal.addEventListener("abort", end);
        });
      }
      if (reply instanceof Error) throw reply;
      return reply.clone();
    },
    sleep: (ms) => {
      pauses.push(ms);
      return Promise.resolve();
    },
  });
  return { send, seen, pauses };
}

function write(headers: Record<string, string> = {}): Request {
  return new Request("http://x/v1/work-orders", { method: "POST", body: "{}", headers });
}

const OK = Response.json({ ok: true });
const LOST = new TypeError("fetch failed");

function problem(status: number, retryable: boolean, headers: Record<string, string> = {}) {
  return new Response(JSON.stringify({ status, retryable, code: "x" }), {
    status,
    headers: { "content-type": "application/problem+json", ...headers },
  });
}

describe("retryingFetch", () => {
  test("sends a write that was lost again, with the same key and body", async () => {
    const { send, seen } = playing([LOST, "silence", OK]);
    expect((await send(write())).status).toBe(200);
    expect(seen).toHaveLength(3);
    expect(new Set(seen.map(({ key }) => key)).size).toBe(1);
    expect(seen[0]?.key).toMatch(/^[0-9a-f-]{36}$/);
    expect(seen.map(({ body }) => body)).toEqual(["{}", "{}", "{}"]);
  });

  test("keeps the caller's own key, and gives reads none", async () => {
    const { send, seen } = playing([LOST, OK]);
    await send(write({ "idempotency-key": "mine" }));
    await send(new Request("http://x/v1/work-orders"));
    expect(seen.map(({ key }) => key)).toEqual(["mine", "mine", null]);
  });

  test("waits as long as the server asks before what is retryable", async () => {
    const { send, seen, pauses } = playing([problem(429, true, { "retry-after": "7" }), OK]);
    expect((await send(write())).status).toBe(200);
    expect(seen).toHaveLength(2);
    expect(pauses).toEqual([7_000]);
  });

  test("hands a refusal on that a retry would not change, and one that asks for too much patience", async () => {
    for (const refusal of [problem(409, false), problem(503, true, { "retry-after": "3600" })]) {
      const { send, seen } = playing([refusal, OK]);
      expect((await send(write())).status).toBe(refusal.status);
      expect(seen).toHaveLength(1);
    }
  });

  test("takes a gateway's answer without a problem document for a server that is away", async () => {
    const { send, seen } = playing([new Response("bad gateway", { status: 502 }), OK]);
    expect((await send(write())).status).toBe(200);
    expect(seen).toHaveLength(2);
  });

  test("says under which key the outcome can be asked for when nobody answers", async () => {
    const { send, seen } = playing([LOST], 3);
    const error: unknown = await send(write({ "idempotency-key": "mine" })).catch(
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(NoAnswerError);
    expect(error).toMatchObject({ idempotencyKey: "mine", cause: LOST });
    expect(seen).toHaveLength(3);
  });

  test("hands the last answer on when attempts run out", async () => {
    const { send, seen } = playing([problem(503, true)], 3);
    expect((await send(write())).status).toBe(503);
    expect(seen).toHaveLength(3);
  });

  test("stops when the caller aborts", async () => {
    const { send, seen } = playing(["silence"]);
    const abort = new AbortController();
    const sent = send(new Request(write(), { signal: abort.signal }));
    abort.abort(new Error("enough"));
    await expect(sent).rejects.toThrow("enough");
    expect(seen.length).toBeLessThanOrEqual(1);
  });

  test("doubles its pauses, spread over their upper half, up to ten seconds", async () => {
    const { send, pauses } = playing([LOST], 10);
    await send(write()).catch(() => undefined);
    expect(pauses).toHaveLength(9);
    pauses.forEach((pause, index) => {
      const full = Math.min(200 * 2 ** index, 10_000);
      expect(pause).toBeGreaterThanOrEqual(full / 2);
      expect(pause).toBeLessThanOrEqual(full);
    });
  });
});
