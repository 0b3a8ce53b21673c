import { get, type IncomingMessage } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { listen } from "../../src/http/listen.ts";
import { ProblemError } from "../../src/http/problem.ts";
import { createStreamPlaces } from "../../src/http/stream-places.ts";
import type { Clock } from "../../src/runtime/ports.ts";
import { asking, embeddedServer, publish, tokenFor, type TestServer } from "./server.ts";

const silent = { info: () => {}, warn: () => {}, error: () => {} };
const limits = { perServer: 3, perCaller: 2, stallMs: 5_000 };

/** A clock that goes on when it is told to, and then wakes who has slept long enough. */
function handClock(): Clock & { readonly go: (ms: number) => Promise<void> } {
  let now = 0;
  const sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const sleeper = { until: now + ms, wake: resolve };
        sleepers.add(sleeper);
        signal.addEventListener("abort", () => resolve());
      }),
    go: async (ms) => {
      for (const end = now + ms; now < end; now += 100) {
        for (const sleeper of sleepers) {
          if (sleeper.until > now + 100) continue;
          sleepers.delete(sleeper);
          sleeper.wake();
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

function places(stopping = new AbortController().signal) {
  const clock = handClock();
  const made = createStreamPlaces({ clock, log: silent, stopping, limits });
  const cut: string[] = [];
  const enter = (sub: string) => made.enter(sub, () => cut.push(sub));
  return { clock, made, cut, enter };
}

describe("places of streams", () => {
  test("are for so many of a caller, and of all callers", () => {
    const { enter } = places();
    const first = enter("ann");
    enter("ann");
    expect(() => enter("ann")).toThrow(ProblemError);
    enter("bo");
    expect(() => enter("cy")).toThrow(ProblemError);
    first.leave();
    first.leave();
    enter("cy");
    expect(() => enter("di")).toThrow(ProblemError);
  });

  test("are lost by a reader that takes nothing for too long, and kept by one that waits for us", async () => {
    const { clock, cut, enter } = places();
    enter("never read");
    const waits = enter("waits");
    waits.taken();
    const slow = enter("slow");
    slow.taken();
    await clock.go(4_000);
    slow.offered();
    expect(cut).toEqual([]);
    await clock.go(4_000);
    expect(new Set(cut)).toEqual(new Set(["never read"]));
    slow.taken();
    await clock.go(10_000);
    expect(new Set(cut)).toEqual(new Set(["never read"]));
  });

  test("end when the server stops: first they are told, then they are cut, and none is given any more", async () => {
    const stop = new AbortController();
    const { clock, cut, enter } = places(stop.signal);
    const [told, deaf] = [enter("told"), enter("deaf")];
    stop.abort();
    expect([told, deaf].map(({ signal, isStopping }) => [signal.aborted, isStopping()])).toEqual([
      [true, true],
      [true, true],
    ]);
    told.leave();
    await clock.go(1_000);
    expect(cut).toEqual(["deaf"]);
    expect(() => enter("late")).toThrow(ProblemError);
  });
});

const NOTES = `
process: notes
version: 1.0.0
events: { NOTE: { payload: { type: object, properties: { text: { type: string } } } } }
machine: { initial: open, states: { open: { on: { NOTE: {} } } } }
`;

describe("a reader on a socket that takes nothing", () => {
  let close = async (): Promise<void> => {};
  afterEach(() => close());

  test("is cut, and its place is free again", async () => {
    const server: TestServer = await embeddedServer({
      streamLimits: { perServer: 1, perCaller: 1, stallMs: 500 },
    });
    const socket = await listen(server.app, { port: 0, host: "127.0.0.1" });
    close = async () => {
      await socket.drain(1_000);
      await server.close();
    };
    const ask = asking(server);
    await publish(ask, NOTES);
    const { body: order } = await ask("/v1/work-orders", { body: { process: "notes" } });
    // More than what two kernels hold for a reader that does not read.
    for (let index = 0; index < 24; index += 1) {
      const body = { type: "NOTE", payload: { text: "n".repeat(800_000) } };
      expect((await ask(`/v1/work-orders/${order.id}/events`, { body })).status).toBe(200);
    }
    const path = `/v1/work-orders/${order.id}/stream`;
    const answer = await opened(socket.url + path);
    answer.pause();
    const second = await ask("/v1/stream");
    expect(second.status).toBe(503);
    await expect
      .poll(
        async () => {
          const again = await server.app.request(path, {
            headers: { Authorization: `Bearer ${await tokenFor("admin")}` },
          });
          await again.body?.cancel();
          return again.status;
        },
        { timeout: 20_000 },
      )
      .toBe(200);
    answer.destroy();
  });
});

async function opened(url: string): Promise<IncomingMessage> {
  const headers = { Authorization: `Bearer ${await tokenFor("admin")}` };
  return new Promise((resolve, reject) => {
    get(url, { headers, agent: false }, resolve).on("error", reject);
  });
}
