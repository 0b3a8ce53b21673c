/** `/openapi.json`: the full truth about the API, generated from the very routes that answer (OpenAPI 3.1). */

import type { Routes } from "./context.ts";

/** Called after every route is in place; the document is generated once. */
export function describeApi(app: Routes, version: string): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "`sevenstep token --sub tech-7 --role technician` makes one.",
  });
  const document = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Seven-step",
      version,
      description:
        "Work orders that live by versioned process definitions, and histories that prove themselves. " +
        "Errors are `application/problem+json` (RFC 9457).",
      license: { name: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    security: [{ bearer: [] }],
  });
  const text = JSON.stringify(document);
  app.get("/openapi.json", (c) => c.body(text, 200, { "Content-Type": "application/json" }));
}
