/** `/metrics`: what happened is counted where an operator looks for it, and nobody can make it grow without bound. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createMetrics } from "../../src/http/metrics.ts";
import type { Metrics } from "../../src/http/metrics.ts";
import type { Backlog } from "../../src/store/contracts/backlog.ts";
import { asking, embeddedServer, PARCEL, publish, tokenFor } from "./server.ts";
import type { Asking, TestServer } from "./server.ts";

const nothing: Backlog = {
  ...{ openJobs: new Map([["print", 3]]), openTasks: 1, openIncidents: 2, dueTimers: 4 },
  ...{ timersBehindMs: 1_500, feedPending: 5, deliveriesPending: 6, deliveriesDead: 7 },
  ...{ logPending: 9, messagesKept: 8 },
};

let nowMs = 0;
let reads = 0;
let isAway = false;

function metrics(): Metrics {
  return createMetrics({
    backlog: () => {
      reads += 1;
      return isAway ? Promise.reject(new Error("away")) : Promise.resolve(nothing);
    },
    connections: () => ({ open: 4, idle: 3, waiting: 0 }),
    nowMs: () => nowMs,
  });
}

let server: TestServer;
let ask: Asking;

beforeAll(async () => {
  server = await embeddedServer({ metrics: metrics() });
  ask = asking(server);
  await publish(ask, PARCEL);
});
afterAll(() => server.close());

const scrape = async (): Promise<string> => (await ask("/metrics", { token: null })).text;

/** Values by series, as Prometheus would read them. */
function series(text: string): ReadonlyMap<string, number> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(" ");
      return [line.slice(0, end), Number(line.slice(end + 1))];
    }),
  );
}

describe("/metrics", () => {
  test("counts requests by route pattern, method and status, and what is in flight", async () => {
    const order = (await ask("/v1/work-orders", { body: { process: "parcel", data: { to: "A" } } }))
      .body;
    await ask(`/v1/work-orders/${order.id}`);
    await ask("/v1/work-orders/01980c3e-6c1a-7000-8000-0123456789ab");
    const found = series(await scrape());
    const at = (method: string, route: string, status: number) =>
      found.get(
        `sevenstep_http_requests_total{method="${method}",route="${route}",status="${status}"}`,
      );
    expect(at("POST", "/v1/work-orders", 201)).toBe(1);
    expect(at("GET", "/v1/work-orders/:id", 200)).toBe(1);
    expect(at("GET", "/v1/work-orders/:id", 404)).toBe(1);
    expect(found.get("sevenstep_http_requests_in_flight")).toBe(1);
    const count =
      'sevenstep_http_request_duration_seconds_count{method="POST",route="/v1/work-orders"}';
    expect(found.get(count)).toBe(1);
  });

  test("has as many series after a thousand made-up addresses and methods as after one", async () => {
    await ask("/made-up/first", { token: null });
    await server.app.request("/made-up/first", { method: "MADEUP" });
    await ask("/v1/made-up");
    const before = series(await scrape()).size;
    for (let n = 0; n < 1_000; n += 1) {
      await server.app.request(`/made-up/${n}?name=${n}`);
      if (n % 10 === 0) await server.app.request("/healthz/x", { method: `MADEUP${n}` });
      if (n % 10 === 5) await ask(`/v1/made-up/${n}`);
    }
    expect(series(await scrape()).size).toBe(before);
  });

  test("shows what waits, and asks the database at most every five seconds", async () => {
    nowMs = 100_000;
    reads = 0;
    const found = series(await scrape());
    expect(found.get('sevenstep_waiting{what="incidents"}')).toBe(2);
    expect(found.get('sevenstep_waiting{what="deliveries_dead"}')).toBe(7);
    expect(found.get('sevenstep_waiting{what="log"}')).toBe(9);
    expect(found.get('sevenstep_jobs_open{type="print"}')).toBe(3);
    expect(found.get("sevenstep_timers_behind_seconds")).toBe(1.5);
    expect(found.get('sevenstep_database_connections{state="idle"}')).toBe(3);
    await Promise.all(Array.from({ length: 50 }, scrape));
    expect(reads).toBe(1);
    nowMs += 5_000;
    await Promise.all(Array.from({ length: 50 }, scrape));
    expect(reads).toBe(2);
  });

  test("answers while the database is away, without the numbers that it can't know", async () => {
    isAway = true;
    nowMs += 5_000;
    const found = series(await scrape());
    expect([...found.keys()].filter((name) => name.startsWith("sevenstep_waiting"))).toEqual([]);
    expect(found.get("sevenstep_http_requests_in_flight")).toBe(1);
    isAway = false;
    nowMs += 5_000;
    expect(series(await scrape()).get('sevenstep_waiting{what="tasks"}')).toBe(1);
  });

  test("counts what it is told, by names that are bounded", async () => {
    const { observe, read } = metrics();
    observe({ kind: "transition", process: "parcel", trigger: "timer" });
    observe({ kind: "timer", lagMs: 250 });
    observe({ kind: "refusal", process: "parcel", code: "event-not-enabled" });
    observe({ kind: "incident", process: "parcel" });
    observe({ kind: "job", type: "print" });
    observe({ kind: "delivery", outcome: "dead", durationMs: 30 });
    const found = series((await read()).text);
    expect(found.get('sevenstep_transitions_total{process="parcel",trigger="timer"}')).toBe(1);
    expect(found.get("sevenstep_timer_lag_seconds_sum")).toBe(0.25);
    const refusals = 'sevenstep_refusals_total{process="parcel",code="event-not-enabled"}';
    expect(found.get(refusals)).toBe(1);
    expect(found.get('sevenstep_incidents_opened_total{process="parcel"}')).toBe(1);
    expect(found.get('sevenstep_jobs_claimed_total{type="print"}')).toBe(1);
    const dead = 'sevenstep_webhook_delivery_duration_seconds_count{outcome="dead"}';
    expect(found.get(dead)).toBe(1);
    expect([...found.keys()].some((name) => name.startsWith("nodejs_eventloop_lag"))).toBe(true);
  });

  test("is open to all, unless the operator set a token for it", async () => {
    expect((await ask("/metrics", { token: null })).headers.get("content-type")).toMatch(
      /^text\/plain; version=/,
    );
    const metricsToken = "a-token-of-the-operator";
    const closed = await embeddedServer({ metrics: metrics(), edge: { metricsToken } });
    const askClosed = asking(closed);
    const statuses = [];
    for (const token of [null, "a-token-of-the-operatoR", await tokenFor("admin"), metricsToken]) {
      statuses.push((await askClosed("/metrics", { token })).status);
    }
    expect(statuses).toEqual([401, 401, 401, 200]);
    await closed.close();
  });
});
