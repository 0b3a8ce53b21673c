/** However a body comes by a socket, what is read of it is the same, and so is what is read of the headers. */

import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { OpenAPIHono } from "@hono/zod-openapi";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { boundedBody, readSafely } from "../../src/http/body.ts";
import type { HttpEnv } from "../../src/http/context.ts";
import { headerOf } from "../../src/http/header.ts";
import { listen, type Listening } from "../../src/http/listen.ts";
import { walled } from "../../src/http/walls.ts";

const BODY = JSON.stringify({ type: "NEXT", payload: { note: "工".repeat(400) } });
const BYTES = Buffer.from(BODY);
const HEAD = "POST / HTTP/1.1\r\nHost: x\r\n";

let listening: Listening;

beforeAll(async () => {
  const app = new OpenAPIHono<HttpEnv>();
  app.post("/", walled(boundedBody, readSafely), (c) => c.text(c.get("bodyText") ?? "none"));
  app.get("/", (c) => c.json(NAMES.map((name) => [headerOf(c, name), c.req.header(name)])));
  listening = await listen(app, { port: 0, host: "127.0.0.1" });
});
afterAll(() => listening.drain(1_000));

/** All that comes back until the connection ends. */
async function said(parts: readonly (string | Uint8Array)[]): Promise<string> {
  const socket = connect(Number(new URL(listening.url).port), "127.0.0.1");
  const heard = text(socket);
  for (const part of parts) {
    socket.write(part);
    await sleep(20);
  }
  return heard;
}

const LENGTH = `Content-Length: ${BYTES.length}\r\n`;
const LAST = "Connection: close\r\n\r\n";
const chunk = (bytes: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);

describe("a body", () => {
  const whole = Buffer.concat([Buffer.from(HEAD + LENGTH + LAST), BYTES]);
  const keepAlive = Buffer.concat([Buffer.from(`${HEAD}${LENGTH}\r\n`), BYTES]);
  const chunkedHead = `${HEAD}Transfer-Encoding: chunked\r\n${LAST}`;
  const ways: { readonly [way: string]: readonly (string | Uint8Array)[] } = {
    "with its headers": [whole],
    "after its headers": [HEAD + LENGTH + LAST, BYTES],
    "in two parts, within a character": [whole.subarray(0, -601), whole.subarray(-601)],
    "byte by byte at its end": [whole.subarray(0, -2), whole.subarray(-2, -1), whole.subarray(-1)],
    "in chunks": [chunkedHead, chunk(BYTES.subarray(0, 7)), chunk(BYTES.subarray(7)), "0\r\n\r\n"],
    "in one chunk, with its headers": [
      Buffer.concat([Buffer.from(chunkedHead), chunk(BYTES), Buffer.from("0\r\n\r\n")]),
    ],
  };

  test.each(Object.entries(ways))("that comes %s is read as a whole", async (_way, parts) => {
    const heard = await said(parts);
    expect(heard).toContain("HTTP/1.1 200");
    expect(heard.endsWith(`\r\n\r\n${BODY}`)).toBe(true);
  });

  test("is read again and again on one connection, also of requests that do not wait", async () => {
    const heard = await said([Buffer.concat([keepAlive, keepAlive]), keepAlive, whole]);
    expect(heard.split("HTTP/1.1 200")).toHaveLength(5);
    expect(heard.split(BODY)).toHaveLength(5);
  });

  test("that is empty is the empty text", async () => {
    const heard = await said([`${HEAD}Content-Length: 0\r\n${LAST}`]);
    expect(heard).toContain("HTTP/1.1 200");
    expect(heard.endsWith("\r\n\r\n")).toBe(true);
  });
});

const NAMES = ["x-request-id", "accept-language", "if-match", "set-cookie2", "prefer", "x-none"];

describe("a header", () => {
  test("is read from a socket's request as it is from the web's", async () => {
    const heard = await said([
      `GET / HTTP/1.1\r\nHost: x\r\nX-Request-ID:  a b \r\nAccept-Language: zh\r\naccept-language: en\r\n` +
        `If-Match: "1"\r\nIF-MATCH: "2"\r\nPrefer:\r\n${LAST}`,
    ]);
    const [, body = ""] = heard.split("\r\n\r\n");
    expect(JSON.parse(body)).toEqual([
      ["a b", "a b"],
      ["zh, en", "zh, en"],
      ['"1", "2"', '"1", "2"'],
      [null, null],
      ["", ""],
      [null, null],
    ]);
  });
});
