/** An export over a real socket: what breaks off on the way is never taken for the whole. */

import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { OpenAPIHono } from "@hono/zod-openapi";
import { afterEach, describe, expect, test } from "vitest";
import type { HttpEnv } from "../../src/http/context.ts";
import { exportBody } from "../../src/http/export-answer.ts";
import { listen, type Listening } from "../../src/http/listen.ts";
import { createStreamPlaces } from "../../src/http/stream-places.ts";
import { systemClock } from "../../src/runtime/platform.ts";

const log = pino({ level: "silent" });
const LIMITS = { perServer: 1, perCaller: 1, stallMs: 60_000 };

let listening: Listening | null = null;
afterEach(async () => {
  await listening?.drain(100);
});

interface Served {
  readonly url: string;
  readonly stop: () => void;
  readonly ended: () => boolean;
}

/** @param pieces what follows the first; an error is thrown in its turn */
async function serving(
  pieces: readonly (string | Error)[],
  refusal: (asked: number) => string | null = () => null,
): Promise<Served> {
  const stopping = new AbortController();
  const places = createStreamPlaces({
    clock: systemClock,
    log,
    stopping: stopping.signal,
    limits: LIMITS,
  });
  let hasEnded = false;
  let asked = 0;
  async function* rest(): AsyncGenerator<string, void> {
    try {
      for (const piece of pieces) {
        await sleep(5);
        if (piece instanceof Error) throw piece;
        yield piece;
      }
    } finally {
      hasEnded = true;
    }
  }
  const app = new OpenAPIHono<HttpEnv>();
  app.get("/", (c) => {
    const place = places.enter("ann", () => undefined);
    const source = {
      ...{ first: "first,", rest: rest(), place, log },
      refusal: () => Promise.resolve(refusal((asked += 1))),
    };
    return c.body(exportBody(source));
  });
  listening = await listen(app, { port: 0, host: "127.0.0.1" });
  return { url: listening.url, stop: () => stopping.abort(), ended: () => hasEnded };
}

describe("the answer of an export", () => {
  test("is all that was made, and gives its place back", async () => {
    const { url, ended } = await serving(["second,", "third"]);
    expect(await (await fetch(url)).text()).toBe("first,second,third");
    expect(ended()).toBe(true);
    expect((await fetch(url)).status).toBe(200);
  });

  test("ends in the middle of itself when the reading fails", async () => {
    const { url, ended } = await serving(["second,", new Error("planted")]);
    await expect((await fetch(url)).text()).rejects.toThrow("terminated");
    expect(ended()).toBe(true);
  });

  test("ends so when its caller may not read on", async () => {
    const { url, ended } = await serving(["second,", "third"], (asked) =>
      asked > 1 ? "token-refused" : null,
    );
    await expect((await fetch(url)).text()).rejects.toThrow("terminated");
    expect(ended()).toBe(true);
  });

  test("ends so when the server stops", async () => {
    const served = await serving(Array.from({ length: 1_000 }, () => "more,"));
    const answer = await fetch(served.url);
    served.stop();
    await expect(answer.text()).rejects.toThrow("terminated");
    expect(served.ended()).toBe(true);
  });

  test("is made no further once its reader is gone", async () => {
    const served = await serving(Array.from({ length: 100_000 }, () => "more,".repeat(10_000)));
    const leaving = new AbortController();
    const answer = await fetch(served.url, { signal: leaving.signal });
    leaving.abort();
    await expect(answer.text()).rejects.toThrow();
    await expect.poll(served.ended).toBe(true);
  });
});
