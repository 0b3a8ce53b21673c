/** `/openapi.json`: the full truth about the API, generated from the very routes that answer (OpenAPI 3.1). */

import { OpenAPIHono } from "@hono/zod-openapi";
import type { Routes } from "./context.ts";
import { complete, SHARED_HEADERS } from "./openapi/complete.ts";
import { problemExamples } from "./openapi/examples.ts";
import { TAGS } from "./openapi/tags.ts";
import { problemSchema } from "./schemas/problem.ts";

/** Called after every route is in place; the document is generated once, for the first who asks: most starts are for orders. */
export function describeApi(app: Routes, version: string): void {
  let text: string | null = null;
  app.get("/openapi.json", (c) => {
    text ??= JSON.stringify(documentOf(app, version));
    return c.body(text, 200, { "Content-Type": "application/json" });
  });
}

function documentOf(app: Routes, version: string) {
  const described = new OpenAPIHono();
  const { openAPIRegistry: registry } = described;
  registry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    description:
      "A signed token (`sevenstep token --sub tech-7 --role technician` makes one), or an API key.",
  });
  registry.register("Problem", problemSchema);
  for (const [name, header] of Object.entries(SHARED_HEADERS)) {
    registry.registerComponent("headers", name, header);
  }
  for (const [code, value] of Object.entries(problemExamples())) {
    registry.registerComponent("examples", code, { value });
  }
  for (const definition of app.openAPIRegistry.definitions) {
    if (definition.type === "route") registry.registerPath(complete(definition.route));
  }
  return described.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Seven-step",
      version,
      description: INTRODUCTION,
      license: {
        name: "Apache License 2.0",
        url: "https://www.apache.org/licenses/LICENSE-2.0",
      },
    },
    servers: [{ url: "/", description: "The server that gives this document" }],
    tags: [...TAGS],
    security: [{ bearer: [] }],
  });
}

const INTRODUCTION = `Work orders that live by versioned process definitions, and histories that prove themselves.

- **Errors** are \`application/problem+json\` (RFC 9457). \`code\` is stable and is the member to branch on; \`retryable\` says whether the very same request may succeed later; \`type\` leads to the code's meaning.
- **Languages**: titles and reasons for people come in the language of \`Accept-Language\`, English or Chinese.
- **Views**: every work order answer has its revision as \`ETag\`. Send it back in \`If-Match\`, and a write that was decided on an older view is refused.
- **Retries**: every write takes \`Idempotency-Key\`. Under the same key the same request takes effect once, and its answer comes again, with \`Idempotency-Replayed: true\`, for at least 24 hours.
- **Lists** come in pages of \`limit\` (50, at most 500); \`nextCursor\` is the \`cursor\` of the next page, null on the last.
- **Limits**: a body holds at most 1 MiB. Who asks too much is told by 429, and a server that has too much to do says 503, both with \`Retry-After\`; \`RateLimit\` says what is left.
- **Instants** are RFC 3339 in UTC, durations ISO 8601, ids UUIDs. Unknown members and parameters are refused.
- Every answer is \`Cache-Control: no-store\` and carries the usual security headers.`;
