/** Composes the HTTP application: the walls that every request passes, and the routes behind them. */

import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import { acceptsJson } from "./accepts-json.ts";
import { admission } from "./admission.ts";
import { answerError, problemResponse } from "./answer-error.ts";
import { authenticate } from "./authenticate.ts";
import { boundedBody } from "./body.ts";
import { plainBody } from "./body-coding.ts";
import type { AppPorts, HttpEnv, Routes } from "./context.ts";
import { crossOrigin } from "./cross-origin.ts";
import { frame } from "./frame.ts";
import { refuseInvalid } from "./invalid-request.ts";
import { describeApi } from "./openapi.ts";
import { limitRate } from "./rate-limit.ts";
import { createRouter } from "./router.ts";
import { apiKeyRoutes } from "./routes/api-keys.ts";
import { auditExportRoutes } from "./routes/audit-export.ts";
import { definitionDocumentRoutes } from "./routes/definition-document.ts";
import { definitionRoutes } from "./routes/definitions.ts";
import { docsRoutes, pageHeaders } from "./routes/docs.ts";
import { eventBatchRoutes } from "./routes/event-batch.ts";
import { healthRoutes } from "./routes/health.ts";
import { incidentRoutes } from "./routes/incidents.ts";
import { jobEndRoutes } from "./routes/job-ends.ts";
import { jobRoutes } from "./routes/jobs.ts";
import { logRoutes } from "./routes/log.ts";
import { messageRoutes } from "./routes/messages.ts";
import { personalDataRoutes } from "./routes/personal-data.ts";
import { streamRoutes } from "./routes/streams.ts";
import { taskRoutes } from "./routes/tasks.ts";
import { metricsRoutes } from "./routes/metrics.ts";
import { testClockRoutes } from "./routes/test-clocks.ts";
import { webhookDeliveryRoutes } from "./routes/webhook-deliveries.ts";
import { webhookRoutes } from "./routes/webhooks.ts";
import { workOrderEventRoutes } from "./routes/work-order-events.ts";
import { workOrderEvidenceRoutes } from "./routes/work-order-evidence.ts";
import { workOrderHistoryRoutes } from "./routes/work-order-history.ts";
import { workOrderRoutes } from "./routes/work-orders.ts";
import { walled } from "./walls.ts";

/** The application answers requests by the engine that it is given; it holds no state of its own. */
export function createApp(ports: AppPorts): Routes {
  const { edge = {} } = ports;
  const app = new OpenAPIHono<HttpEnv>({ defaultHook: refuseInvalid, router: createRouter() });
  const { corsOrigins = [], rate } = edge;
  app.onError((error, c) => answerError(error, c, ports.log));
  app.notFound(nothingThere(app));

  app.use(frame(ports));
  if (ports.traces !== undefined) app.use(ports.traces);
  app.use("/docs/*", pageHeaders);
  if (corsOrigins.length > 0) app.use(crossOrigin(corsOrigins));
  app.use("/v1/*", admission(ports));
  app.use(
    "/v1/*",
    walled(
      authenticate(ports),
      ...(rate === undefined ? [] : [limitRate(rate)]),
      ...[acceptsJson, plainBody, boundedBody],
    ),
  );

  for (const routes of ROUTES) app.route("/", routes(ports));
  describeApi(app, ports.version);
  return app;
}

/** An address that takes other methods says which. */
function nothingThere(app: Routes) {
  const refuse = methodNotAllowed({
    app,
    onMethodNotAllowed: (c, methods) =>
      problemResponse(
        c,
        "method-not-allowed",
        `This address takes ${methods.join(", ")}.`,
        {},
        { Allow: methods.join(", ") },
      ),
  });
  return async (c: Context<HttpEnv, string>): Promise<Response> => {
    await refuse(c, async () => {
      c.res = problemResponse(c, "route-unknown", nothingAt(c.req.path));
    });
    return c.res;
  };
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
  workOrderEvidenceRoutes,
  streamRoutes,
  auditExportRoutes,
  logRoutes,
  jobRoutes,
  jobEndRoutes,
  incidentRoutes,
  taskRoutes,
  messageRoutes,
  testClockRoutes,
  personalDataRoutes,
  apiKeyRoutes,
  metricsRoutes,
  webhookRoutes,
  webhookDeliveryRoutes,
];
