/** A server that stops cuts no request that it could still hear, and waits for no connection that asks nothing. */

import { once } from "node:events";
import { Agent, request, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { OpenAPIHono } from "@hono/zod-openapi";
import { describe, expect, test } from "vitest";
import type { HttpEnv } from "../../src/http/context.ts";
import { listen, type Listening } from "../../src/http/listen.ts";

const ANSWER_MS = 5;

function served(answerMs = ANSWER_MS): Promise<Listening> {
  const app = new OpenAPIHono<HttpEnv>();
  app.get("/", async (c) => {
    await sleep(answerMs);
    return c.text("well");
  });
  return listen(app, { port: 0, host: "127.0.0.1" });
}

async function asked(url: string, agent?: Agent): Promise<IncomingMessage> {
  const sent = request(url, agent === undefined ? {} : { agent }).end();
  const [answer] = await once(sent, "response");
  answer.resume();
  await once(answer, "end");
  return answer;
}

describe("a server that stops", () => {
  test("answers whoever keeps a connection, and says that it will be closed", async () => {
    const { url, drain } = await served();
    let answered = 0;
    // Callers who pause, but not for so long that they would miss the server's last word.
    const callers = Array.from({ length: 30 }, async (_, index) => {
      const own = new Agent({ keepAlive: true, maxSockets: 1 });
      for (;;) {
        const { headers } = await asked(url, own);
        answered += 1;
        if (headers.connection === "close") return;
        await sleep(index * 5);
      }
    });
    while (answered < 2 * callers.length) await sleep(5);
    expect(await drain(5_000)).toBe(true);
    await Promise.all(callers);
    expect(answered).toBeGreaterThanOrEqual(3 * callers.length);
  });

  test("closes the connection of an answer that was under way", async () => {
    const { url, drain } = await served(800);
    const answer = asked(url, new Agent({ keepAlive: true }));
    await sleep(100);
    expect(await drain(5_000)).toBe(true);
    expect((await answer).headers.connection).toBe("close");
  });

  test.each([
    ["nothing", ""],
    ["half a request", "GET / HTTP/1.1\r\nHost: x\r\n"],
  ])("waits for no connection on which %s has come", async (_what, said) => {
    const { url, drain } = await served();
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    await once(socket, "connect");
    socket.write(said);
    await sleep(100);
    const startedAt = performance.now();
    expect(await drain(5_000)).toBe(true);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    socket.destroy();
  });
});
