/** What a socket meets before and beside the application: slow callers, broken bytes, smuggled requests. */

import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listen } from "../../src/http/listen.ts";
import type { Listening } from "../../src/http/listen.ts";
import { embeddedServer, tokenFor } from "./server.ts";
import type { TestServer } from "./server.ts";

let server: TestServer;
let listening: Listening;
let authorization: string;
const logged: string[] = [];

beforeAll(async () => {
  const log = pino({ level: "warn" }, { write: (line: string) => logged.push(line) });
  server = await embeddedServer({ log });
  const patience = { headersMs: 300, requestMs: 600, idleMs: 1_000, checkMs: 50 };
  listening = await listen(server.app, { port: 0, host: "127.0.0.1" }, patience);
  authorization = `Authorization: Bearer ${await tokenFor("admin")}`;
});
afterAll(async () => {
  await listening.drain(1_000);
  await server.close();
});

interface Heard {
  readonly all: string;
  /** Of the answers, in order. */
  readonly statuses: readonly number[];
  readonly tookMs: number;
}

/** Says all parts, each after a pause, and hears until the server closes the connection. */
async function say(parts: readonly string[], pauseMs = 0): Promise<Heard> {
  const startedAt = performance.now();
  const socket = connect(Number(new URL(listening.url).port), "127.0.0.1");
  socket.on("error", () => {});
  const heard = text(socket).catch(() => "");
  for (const part of parts) {
    if (socket.destroyed) break;
    socket.write(part, "latin1");
    if (pauseMs > 0) await sleep(pauseMs);
  }
  const all = await heard;
  const statuses = [...all.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
  return { all, statuses, tookMs: performance.now() - startedAt };
}

function problemIn({ all }: Heard): ReturnType<typeof JSON.parse> {
  expect(all).toContain("application/problem+json");
  return JSON.parse(all.slice(all.indexOf("{"), all.lastIndexOf("}") + 1));
}

const head = (lines: readonly string[]): string => `${lines.join("\r\n")}\r\n\r\n`;
const post = (...more: readonly string[]): string =>
  head(["POST /v1/test-clocks HTTP/1.1", "Host: x", authorization, ...more]);
const authorized = "Authorization: Bearer x";
const JSON_BODY = "Content-Type: application/json";

describe("a caller that is too slow", () => {
  test("with its headers is told so and cut off", async () => {
    const heard = await say(["GET /healthz HTTP/1.1\r\n", "Host: x\r\n", "X-A: 1\r\n"], 150);
    expect(heard.statuses).toEqual([408]);
    expect(problemIn(heard)).toMatchObject({ code: "request-too-slow", retryable: true });
    expect(heard.tookMs).toBeLessThan(2_000);
  });

  test("with its body is told so and cut off, and that is no defect", async () => {
    logged.length = 0;
    const bytes = Array.from({ length: 12 }, () => " ");
    const heard = await say([post(JSON_BODY, "Content-Length: 100"), ...bytes], 100);
    expect(heard.statuses).toEqual([408]);
    expect(problemIn(heard)).toMatchObject({ status: 408, code: "request-too-slow" });
    expect(logged).toEqual([]);
  });

  test("with the next request is let go", async () => {
    const heard = await say([head(["GET /healthz HTTP/1.1", "Host: x"])]);
    expect(heard.statuses).toEqual([200]);
    expect(heard.tookMs).toBeGreaterThan(900);
    expect(heard.tookMs).toBeLessThan(3_500);
  });

  test("that goes away in the middle of its body leaves no trace", async () => {
    logged.length = 0;
    const socket = connect(Number(new URL(listening.url).port), "127.0.0.1");
    socket.write(post(JSON_BODY, "Content-Length: 100"));
    await sleep(50);
    socket.destroy();
    await sleep(100);
    expect(logged).toEqual([]);
  });
});

describe("bytes that are no request", () => {
  test.each([
    ["noise", "\x00\x01\x02\r\n\r\n"],
    ["no version", "GET /healthz\r\n\r\n"],
    ["HTTP/2's greeting", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["a TLS greeting", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
    ["no host", head(["GET /healthz HTTP/1.1"])],
    ["two hosts", head(["GET /healthz HTTP/1.1", "Host: a", "Host: b"])],
    ["two tokens", head(["GET /healthz HTTP/1.1", "Host: a", authorized, authorized])],
    ["a host that is none", head(["GET /healthz HTTP/1.1", "Host: a/b?c"])],
    ["a space before a colon", head(["GET /healthz HTTP/1.1", "Host: x", "X-A : 1"])],
    ["a folded header", head(["GET /healthz HTTP/1.1", "Host: x", "X-A: 1", " 2"])],
    ["a bare line feed", "GET /healthz HTTP/1.1\nHost: x\n\n"],
    ["a NUL in a header", head(["GET /healthz HTTP/1.1", "Host: x", "X-A: \x00"])],
  ])("with %s are refused as a problem", async (_what, bytes) => {
    const heard = await say([bytes]);
    expect(heard.statuses).toEqual([400]);
    expect(problemIn(heard)).toMatchObject({ code: "request-malformed" });
  });

  test("are not those of HTTP/1.0, which names no host", async () => {
    const heard = await say([head(["GET /healthz HTTP/1.0"])]);
    expect([heard.statuses, heard.all]).toEqual([[200], expect.stringContaining('"alive"')]);
  });

  test("with 16 KiB of headers and more are refused by that reason", async () => {
    const heard = await say([
      head(["GET /healthz HTTP/1.1", "Host: x", `X-A: ${"a".repeat(20_000)}`]),
    ]);
    expect(heard.statuses).toEqual([431]);
    expect(problemIn(heard)).toMatchObject({ code: "headers-too-large" });
  });

  test("with a token of a megabyte never reach the application", async () => {
    const token = `Authorization: Bearer ${"a".repeat(1_048_576)}`;
    expect(
      (await say([head(["GET /v1/work-orders HTTP/1.1", "Host: x", token])])).statuses,
    ).toEqual([431]);
  });
});

describe("a second request hidden in the first", () => {
  const hidden = head(["DELETE /v1/hidden HTTP/1.1", "Host: x"]);
  const chunked = "Transfer-Encoding: chunked";
  test.each([
    ["by a length and chunks at once", post(JSON_BODY, "Content-Length: 4", chunked), "0\r\n\r\n"],
    ["by two lengths", post(JSON_BODY, "Content-Length: 2", "Content-Length: 3"), "{}"],
    ["by a list of lengths", post(JSON_BODY, "Content-Length: 2, 3"), "{}"],
    ["by a signed length", post(JSON_BODY, "Content-Length: +2"), "{}"],
    ["by a coding that is not last", post(JSON_BODY, "Transfer-Encoding: chunked, x"), "0\r\n\r\n"],
    ["by a coding in disguise", post(JSON_BODY, "Transfer-Encoding: xchunked"), "0\r\n\r\n"],
    ["by a tab in the coding's name", post(JSON_BODY, "Transfer-Encoding\t: chunked"), "0\r\n\r\n"],
    ["by a chunk size that is none", post(JSON_BODY, chunked), "0x2\r\n{}\r\n0\r\n\r\n"],
    ["by a chunk that is longer than said", post(JSON_BODY, chunked), "1\r\n{}\r\n0\r\n\r\n"],
    ["by line feeds in chunks", post(JSON_BODY, chunked), "2\n{}\n0\n\n"],
  ])("%s is not found", async (_what, first, body) => {
    const heard = await say([`${first}${body}${hidden}`]);
    // Whatever the first is answered with, the connection ends there.
    expect(heard.statuses.length).toBeLessThanOrEqual(2);
    expect(heard.all).not.toContain("/v1/hidden");
    expect(heard.all).not.toContain("route-unknown");
    expect(heard.statuses.at(-1)).toBeGreaterThanOrEqual(400);
  });
});
