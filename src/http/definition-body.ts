/** Reads a definition document from a body, as YAML or JSON; what it says is the judge's business, not the edge's. */

import type { Context } from "hono";
import type { DefinitionSource } from "../runtime/published.ts";
import type { HttpEnv } from "./context.ts";
import { ProblemError } from "./problem.ts";

/** Given as plain schemas, so that the document reaches the judge as text and keeps its lines. */
export const DEFINITION_BODY = {
  required: true,
  description: "The definition document (UTF-8)",
  content: {
    "application/yaml": {
      schema: { type: "string" },
      example:
        "process: greeting\nversion: 1.0.0\nmachine: { initial: open, states: { open: {} } }\n",
    },
    "application/json": {
      schema: { type: "object", additionalProperties: true },
      example: {
        process: "greeting",
        version: "1.0.0",
        machine: { initial: "open", states: { open: {} } },
      },
    },
  },
} as const;

const FORMATS: { readonly [mediaType: string]: DefinitionSource["format"] } = {
  "application/json": "json",
  "application/yaml": "yaml",
  /** What YAML was called before RFC 9512 registered it. */
  "application/x-yaml": "yaml",
  "text/yaml": "yaml",
  "text/x-yaml": "yaml",
};

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** @throws {ProblemError} for another media type, for bytes that are not UTF-8, and for U+0000 */
export async function definitionIn(c: Context<HttpEnv>): Promise<DefinitionSource> {
  const [mediaType = ""] = (c.req.header("content-type") ?? "").split(";", 1);
  const key = mediaType.trim().toLowerCase();
  const format = Object.hasOwn(FORMATS, key) ? FORMATS[key] : undefined;
  if (format === undefined) {
    throw new ProblemError(
      "media-type-unsupported",
      "Send a definition as `application/yaml` or `application/json`.",
    );
  }
  const text = decode(await c.req.arrayBuffer());
  if (text === null) throw new ProblemError("body-malformed", "The body must be UTF-8.");
  if (text.includes("\0")) throw new ProblemError("body-text-unsafe", "The body holds U+0000.");
  return { text, format };
}

function decode(bytes: ArrayBuffer): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}
