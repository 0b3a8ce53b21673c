/**
 * Traces by OpenTelemetry, sent by OTLP over HTTP. Loaded only where an operator asks for them, so that nobody else
 * pays; spans hold ids, routes and codes, never an address or a body.
 */

import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { Attributes, Context, Span } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { createMiddleware } from "hono/factory";
import type { Trace } from "../runtime/observing.ts";
import { knownMethod } from "./access-log.ts";
import type { HttpEnv } from "./context.ts";
import { headerOf } from "./header.ts";
import { routeOf } from "./route-of.ts";
import { remoteContext } from "./traceparent.ts";

export interface Tracing {
  /** A span for each request, under the caller's own where it sends `traceparent`. */
  readonly requests: ReturnType<typeof createMiddleware<HttpEnv>>;
  readonly trace: Trace;
  /** Sends what waits, as far as that can be done at once. Never rejects. */
  readonly stop: () => Promise<void>;
}

export interface TracingOptions {
  /** Of the collector; spans go to `/v1/traces` below it. */
  readonly url: string;
  readonly version: string;
  /** Between sendings. */
  readonly delayMs?: number;
}

const DELAY_MS = 2_000;
const EXPORT_TIMEOUT_MS = 5_000;
/** A collector that is away holds up no stop for longer. */
const STOP_MS = 1_000;

/** A collector that is away costs spans, and nothing else: what waits for it is bounded. */
export function createTracing({ url, version, delayMs = DELAY_MS }: TracingOptions): Tracing {
  const exporter = new OTLPTraceExporter({ url: `${url.replace(/\/$/, "")}/v1/traces` });
  const limits = { scheduledDelayMillis: delayMs, exportTimeoutMillis: EXPORT_TIMEOUT_MS };
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ "service.name": "sevenstep", "service.version": version }),
    spanProcessors: [new BatchSpanProcessor(exporter, limits)],
  });
  const tracer = provider.getTracer("sevenstep", version);
  /** The span that the work at hand is part of. */
  const current = new AsyncLocalStorage<Context>();

  const within = async <T>(
    { name, kind, parent }: Begin,
    attributes: Attributes,
    work: (span: Span) => Promise<T>,
  ): Promise<T> => {
    const span = tracer.startSpan(name, { kind, attributes }, parent);
    try {
      return await current.run(trace.setSpan(parent, span), () => work(span));
    } catch (error) {
      // What an error says may quote a person.
      span.setStatus({ code: SpanStatusCode.ERROR });
      span.setAttribute("error.type", error instanceof Error ? error.name : typeof error);
      throw error;
    } finally {
      span.end();
    }
  };

  return {
    requests: createMiddleware<HttpEnv>(async (c, next) => {
      const parent = remoteContext(headerOf(c, "traceparent")) ?? ROOT_CONTEXT;
      const method = knownMethod(c.req.method);
      const begin = { name: method, kind: SpanKind.SERVER, parent };
      await within(begin, { "http.request.method": method }, async (span) => {
        await next();
        const route = routeOf(c);
        const { status } = c.res;
        span.updateName(`${method} ${route}`);
        span.setAttribute("http.route", route);
        span.setAttribute("http.response.status_code", status);
        span.setAttribute("sevenstep.request_id", c.var.requestId);
        if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      });
    }),
    trace: (name, attributes, work) => {
      const parent = current.getStore() ?? ROOT_CONTEXT;
      const begin = { name, kind: SpanKind.INTERNAL, parent };
      return within(begin, attributes, (span) => work((more) => span.setAttributes(more())));
    },
    stop: async () => {
      const sent = provider.shutdown().catch(() => undefined);
      await Promise.race([sent, sleep(STOP_MS, undefined, { ref: false })]);
    },
  };
}

interface Begin {
  readonly name: string;
  readonly kind: SpanKind;
  readonly parent: Context;
}
