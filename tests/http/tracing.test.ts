/** Traces reach a collector, hang together, hold nothing that a person wrote, and cost nothing while it is away. */

import { once } from "node:events";
import { createServer } from "node:http";
import type { Server } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTracing } from "../../src/http/tracing.ts";
import { remoteContext } from "../../src/http/traceparent.ts";
import { observedStore } from "../../src/runtime/observed-store.ts";
import { asking, embeddedServer, PARCEL, publish } from "./server.ts";
import { cpuMsUntil } from "../support/cpu-time.ts";
import { endsWithin } from "../support/in-time.ts";

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: readonly { readonly key: string; readonly value: object }[];
}

let collector: Server;
let url = "";
const received: string[] = [];

beforeAll(async () => {
  collector = createServer((request, response) => {
    void text(request).then((body) => {
      if (request.url === "/v1/traces") received.push(body);
      response.writeHead(200, { "Content-Type": "application/json" }).end("{}");
    });
  });
  collector.listen(0, "127.0.0.1");
  await once(collector, "listening");
  const address = collector.address();
  url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
});
afterAll(() => {
  collector.closeAllConnections();
  collector.close();
});

const spans = (): readonly Span[] =>
  received.flatMap((body) =>
    JSON.parse(body).resourceSpans.flatMap(
      (resource: { readonly scopeSpans: readonly { readonly spans: readonly Span[] }[] }) =>
        resource.scopeSpans.flatMap((scope) => scope.spans),
    ),
  );

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = "00f067aa0ba902b7";

describe("a traced server", () => {
  test("sends a span per request under the caller's own, and the store's transaction under it", async () => {
    const tracing = createTracing({ url: `${url}/`, version: "1.2.3", delayMs: 50 });
    const server = await embeddedServer({ traces: tracing.requests }, (store) =>
      observedStore(store, () => {}, tracing.trace),
    );
    const ask = asking(server);
    await publish(ask, PARCEL);
    const headers = { traceparent: `00-${TRACE}-${PARENT}-01` };
    const body = { process: "parcel", businessKey: "CANARY-key", data: { to: "CANARY-name" } };
    const order = (await ask("/v1/work-orders", { body, headers })).body;
    await ask("/v1/work-orders?businessKey=CANARY-query", { headers });
    await ask("/v1/CANARY-path", { headers });
    await server.close();
    await tracing.stop();

    const all = spans().filter(({ traceId }) => traceId === TRACE);
    const created = all.find(({ name }) => name === "POST /v1/work-orders");
    expect(created?.parentSpanId).toBe(PARENT);
    const change = all.find(({ name }) => name === "store.change");
    expect(change?.parentSpanId).toBe(created?.spanId);
    expect(change?.attributes).toContainEqual({
      key: "sevenstep.order",
      value: { stringValue: order.id },
    });
    expect(change?.attributes).toContainEqual({
      key: "sevenstep.trigger",
      value: { stringValue: "creation" },
    });
    expect(all.map(({ name }) => name)).toContain("GET unmatched");
    expect(received.join("\n")).not.toContain("CANARY");
    expect(received.join("\n")).toContain('"1.2.3"');
  });

  test("keeps nobody waiting whose collector is away", async () => {
    const tracing = createTracing({ url: "http://127.0.0.1:9", version: "0", delayMs: 10 });
    const took = await cpuMsUntil(async () => {
      for (let n = 0; n < 5_000; n += 1) {
        expect(await tracing.trace("work", {}, () => Promise.resolve(n))).toBe(n);
      }
    });
    expect(took).toBeLessThan(2_000);
    expect(await endsWithin(2_000, tracing.stop)).toBe(true);
  });

  test("passes on what the work throws", async () => {
    const tracing = createTracing({ url, version: "0", delayMs: 10 });
    const failing = tracing.trace("work", {}, () => Promise.reject(new Error("CANARY-error")));
    await expect(failing).rejects.toThrow("CANARY-error");
    await tracing.stop();
    expect(received.join("\n")).not.toContain("CANARY");
    expect(received.join("\n")).toContain("error.type");
  });
});

describe("traceparent", () => {
  test.each([
    [`00-${TRACE}-${PARENT}-01`, true],
    [`cc-${TRACE}-${PARENT}-00-more`, true],
    [`00-${TRACE}-${PARENT}-01-more`, false],
    [`ff-${TRACE}-${PARENT}-01`, false],
    [`00-${"0".repeat(32)}-${PARENT}-01`, false],
    [`00-${TRACE}-${"0".repeat(16)}-01`, false],
    [`00-${TRACE.toUpperCase()}-${PARENT}-01`, false],
    ["nonsense", false],
    [undefined, false],
  ])("%s is taken: %s", (header, isTaken) => {
    expect(remoteContext(header) !== null).toBe(isTaken);
  });
});
