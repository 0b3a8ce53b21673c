/** Answers that come before their request has arrived as a whole: each is heard, and no next request is lost on its connection. */

import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listen } from "../../src/http/listen.ts";
import type { Listening } from "../../src/http/listen.ts";
import { embeddedServer, tokenFor } from "./server.ts";
import type { TestServer } from "./server.ts";

let server: TestServer;
let listening: Listening;
const tokens = new Map<string, string>();

beforeAll(async () => {
  server = await embeddedServer();
  listening = await listen(server.app, { port: 0, host: "127.0.0.1" });
  for (const role of ["admin", "nobody"]) tokens.set(role, await tokenFor(role));
});
afterAll(async () => {
  await listening.drain(1_000);
  await server.close();
});

const MIB = 1_048_576;

interface Refusable {
  readonly path?: string;
  readonly role?: string;
  readonly type?: string;
  readonly coding?: string;
  readonly length: number;
}

function head({ path = "/v1/api-keys", role, type = "application/json", ...more }: Refusable) {
  const lines = [`POST ${path} HTTP/1.1`, "Host: x", `Content-Type: ${type}`];
  if (role !== undefined) lines.push(`Authorization: Bearer ${tokens.get(role)}`);
  if (more.coding !== undefined) lines.push(`Content-Encoding: ${more.coding}`);
  return `${[...lines, `Content-Length: ${more.length}`].join("\r\n")}\r\n\r\n`;
}

interface Connection {
  readonly socket: Socket;
  readonly heard: () => string;
  /** What ended it; null: nothing did, or the server did in order. */
  readonly fault: () => string | null;
}

function open(): Connection {
  const socket = connect(Number(new URL(listening.url).port), "127.0.0.1");
  let heard = "";
  let fault: string | null = null;
  socket.setEncoding("utf8");
  socket.on("data", (text: string) => (heard += text));
  socket.on("error", ({ message }) => (fault = message));
  return { socket, heard: () => heard, fault: () => fault };
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!holds() && performance.now() < deadline) await sleep(10);
}

const statusesIn = (text: string): readonly number[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));

const REFUSED: readonly (readonly [number, Refusable])[] = [
  [401, { length: 64 * MIB }],
  [403, { role: "nobody", length: 1_000_000 }],
  [404, { path: "/v1/nothing", role: "admin", length: 1_000_000 }],
  [413, { role: "admin", length: MIB + 1 }],
  [415, { role: "admin", coding: "gzip", length: 1_000_000 }],
];

describe("a request that is refused before its body came", () => {
  test.each(REFUSED)(
    "with %i is answered, and told that the connection ends",
    async (status, sent) => {
      const { socket, heard, fault } = open();
      socket.write(head(sent));
      await until(() => heard().includes("\r\n\r\n{"));
      expect(statusesIn(heard())).toEqual([status]);
      expect(heard().toLowerCase()).toContain("connection: close");
      // Who is slow to hear it is still saying its body.
      for (let part = 0; part < 10; part += 1) {
        socket.write("x".repeat(10_000));
        await sleep(5);
      }
      expect(fault()).toBeNull();
      socket.destroy();
    },
  );

  test("is heard by callers that say everything first, however much that is", async () => {
    for (const [status, sent] of REFUSED.filter(([, { length }]) => length < 2 * MIB)) {
      const { socket, heard, fault } = open();
      socket.write(head(sent) + "x".repeat(sent.length));
      await until(() => socket.closed);
      expect([statusesIn(heard()), fault()]).toEqual([[status], null]);
    }
  });

  test("takes no second request with it that comes behind the body", async () => {
    const { socket, heard } = open();
    socket.write(head({ length: 200_000 }));
    await until(() => statusesIn(heard()).length > 0);
    socket.write(`${"x".repeat(200_000)}GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n`);
    await until(() => socket.closed);
    expect(statusesIn(heard())).toEqual([401]);
  });
});

describe("a request that has come as a whole", () => {
  test("leaves its connection to the next, also when its body was not read", async () => {
    const { socket, heard, fault } = open();
    for (const [at, [status, sent]] of REFUSED.slice(0, 3).entries()) {
      socket.write(head({ ...sent, length: 10 }) + "x".repeat(10));
      await until(() => statusesIn(heard()).length > at);
      expect(statusesIn(heard()).at(-1)).toBe(status);
    }
    expect(heard().toLowerCase()).not.toContain("connection: close");
    expect(fault()).toBeNull();
    socket.destroy();
  });
});
