/** Composes the HTTP application: the walls that every request passes, and the routes behind them. */

import { OpenAPIHono } from "@hono/zod-openapi";
import { except } from "hono/combine";
import { createMiddleware } from "hono/factory";
import { methodNotAllowed } from "hono/method-not-allowed";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import { accessLog } from "./access-log.ts";
import { admission } from "./admission.ts";
import { answerError, problemResponse } from "./answer-error.ts";
import { authenticate } from "./authenticate.ts";
import { boundedBody } from "./body.ts";
import { plainBody } from "./body-coding.ts";
import type { AppPorts, EdgeOptions, HttpEnv, Routes } from "./context.ts";
import { crossOrigin } from "./cross-origin.ts";
import { refuseInvalid } from "./invalid-request.ts";
import { negotiate } from "./negotiate.ts";
import { describeApi } from "./openapi.ts";
import { ProblemError } from "./problem.ts";
import { limitRate } from "./rate-limit.ts";
import { apiKeyRoutes } from "./routes/api-keys.ts";
import { definitionDocumentRoutes } from "./routes/definition-document.ts";
import { definitionRoutes } from "./routes/definitions.ts";
import { docsRoutes, pageHeaders } from "./routes/docs.ts";
import { eventBatchRoutes } from "./routes/event-batch.ts";
import { healthRoutes } from "./routes/health.ts";
import { incidentRoutes } from "./routes/incidents.ts";
import { jobEndRoutes } from "./routes/job-ends.ts";
import { jobRoutes } from "./routes/jobs.ts";
import { messageRoutes } from "./routes/messages.ts";
import { streamRoutes } from "./routes/streams.ts";
import { taskRoutes } from "./routes/tasks.ts";
import { metricsRoutes } from "./routes/metrics.ts";
import { testClockRoutes } from "./routes/test-clocks.ts";
import { webhookDeliveryRoutes } from "./routes/webhook-deliveries.ts";
import { webhookRoutes } from "./routes/webhooks.ts";
import { workOrderEventRoutes } from "./routes/work-order-events.ts";
import { workOrderHistoryRoutes } from "./routes/work-order-history.ts";
import { workOrderRoutes } from "./routes/work-orders.ts";

/** The application answers requests by the engine that it is given; it holds no state of its own. */
export function createApp(ports: AppPorts): Routes {
  const { edge = {} } = ports;
  const app = new OpenAPIHono<HttpEnv>({ defaultHook: refuseInvalid });
  app.onError((error, c) => answerError(error, c, ports.log));
  app.notFound((c) => problemResponse(c, "route-unknown", nothingAt(c.req.path)));

  app.use(requestId());
  if (ports.traces !== undefined) app.use(ports.traces);
  if (ports.metrics !== undefined) app.use(ports.metrics.requests);
  app.use(accessLog(ports.log));
  app.use("/docs/*", pageHeaders);
  app.use(guardingHeaders(edge));
  app.use(crossOrigin(edge.corsOrigins ?? []));
  app.use(notStored);
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) =>
        problemResponse(
          c,
          "method-not-allowed",
          `This address takes ${methods.join(", ")}.`,
          {},
          { Allow: methods.join(", ") },
        ),
    }),
  );
  app.use("/v1/*", admission(ports));
  app.use("/v1/*", authenticate(ports));
  if (edge.rate !== undefined) app.use("/v1/*", limitRate(edge.rate));
  app.use("/v1/*", except(DOCUMENTS, acceptsJson));
  app.use("/v1/definitions/:process/default", acceptsJson);
  app.use("/v1/*", plainBody);
  app.use("/v1/*", boundedBody);

  for (const routes of ROUTES) app.route("/", routes(ports));
  describeApi(app, ports.version);
  return app;
}

function nothingAt(path: string): string {
  const advice = path.endsWith("/") ? "addresses end without a slash" : "all addresses are there";
  return `Nothing is at ${path}: ${advice}, see /docs or /openapi.json.`;
}

const ROUTES: readonly ((ports: AppPorts) => Routes)[] = [
  healthRoutes,
  docsRoutes,
  definitionRoutes,
  definitionDocumentRoutes,
  workOrderRoutes,
  workOrderEventRoutes,
  eventBatchRoutes,
  workOrderHistoryRoutes,
  streamRoutes,
  jobRoutes,
  jobEndRoutes,
  incidentRoutes,
  taskRoutes,
  messageRoutes,
  testClockRoutes,
  apiKeyRoutes,
  metricsRoutes,
  webhookRoutes,
  webhookDeliveryRoutes,
];

/** These negotiate by themselves. */
const DOCUMENTS = [
  "/v1/definitions/:process/:version",
  "/v1/work-orders/:id/history",
  "/v1/work-orders/:id/stream",
  "/v1/stream",
];

/** HSTS only where the operator says so: it binds the whole host name, for longer than this server may live. */
function guardingHeaders({ hstsSeconds }: EdgeOptions) {
  return secureHeaders({
    contentSecurityPolicy: NO_CONTENT,
    xFrameOptions: "DENY",
    strictTransportSecurity:
      hstsSeconds === undefined ? false : `max-age=${hstsSeconds}; includeSubDomains`,
  });
}

/** An answer of this API is data, never a page. */
const NO_CONTENT = { defaultSrc: ["'none'"], frameAncestors: ["'none'"] };

/** Answers hold business data, and differ by caller and by the caller's language. */
const notStored = createMiddleware<HttpEnv>(async (c, next) => {
  await next();
  c.header("Cache-Control", "no-store");
  c.header("Vary", "Accept-Language", { append: true });
});

/** Refused before anything is done, because afterwards it would be too late. */
const acceptsJson = createMiddleware<HttpEnv>(async (c, next) => {
  if (negotiate(c.req.header("accept"), ["application/json"]) === null) {
    throw new ProblemError("not-acceptable", "This address answers in `application/json` only.");
  }
  await next();
});
