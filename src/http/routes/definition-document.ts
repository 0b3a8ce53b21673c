/** `/v1/definitions/{process}/{version}`: a published document, as data or as its author wrote it. */

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { stringify } from "yaml";
import { granted } from "../answer-error.ts";
import type { AppPorts, HttpEnv, Routes } from "../context.ts";
import { negotiate } from "../negotiate.ts";
import { ProblemError } from "../problem.ts";
import { responses } from "../responses.ts";
import { noParameters, processName, version } from "../schemas/common.ts";

const OFFERS = ["application/json", "application/yaml"] as const;

const view = createRoute({
  operationId: "getDefinition",
  method: "get",
  path: "/v1/definitions/{process}/{version}",
  tags: ["Definitions"],
  summary: "Read a published definition",
  description: "In the format in which it was published, the very text that its author sent.",
  request: { params: z.object({ process: processName, version }), query: noParameters },
  responses: responses(
    {
      200: {
        description: "The document",
        headers: {
          ETag: { description: "The document's digest and format", schema: { type: "string" } },
        },
        content: {
          "application/json": { schema: { type: "object", additionalProperties: true } },
          "application/yaml": { schema: { type: "string" } },
        },
      },
    },
    "not-found",
    "definition-unknown",
    "request-invalid",
  ),
});

export function definitionDocumentRoutes({ engine: { definitions } }: AppPorts): Routes {
  return new OpenAPIHono<HttpEnv>().openapi(view, async (c) => {
    const { process, version: number } = c.req.valid("param");
    const type = negotiate(c.req.header("accept"), OFFERS);
    if (type === null) {
      throw new ProblemError("not-acceptable", `This address offers ${OFFERS.join(" and ")}.`);
    }
    const found = granted(await definitions.source(process, number));
    const format = type === "application/yaml" ? "yaml" : "json";
    const { source, document, definition } = found;
    const text = source.format === format ? source.text : FORMATTERS[format](document);
    return c.body(text, 200, {
      "Content-Type": type,
      ETag: `"${definition.digest}.${format}"`,
      Vary: "Accept, Authorization",
    });
  });
}

const FORMATTERS = {
  json: (document: object) => JSON.stringify(document),
  yaml: (document: object) => stringify(document, { lineWidth: 100, aliasDuplicateObjects: false }),
};
