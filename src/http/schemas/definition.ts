/** Definitions and the judgement over them as they leave the server. */

import { z } from "@hono/zod-openapi";
import { digest, instantAnswer, processName, version } from "./common.ts";

export const finding = z
  .object({
    rule: z.string().openapi({ example: "unknown-target" }),
    severity: z.enum(["error", "warning"]),
    pointer: z.string().openapi({ description: "JSON Pointer into the document" }),
    line: z.int().nullable(),
    message: z.string(),
    help: z.string(),
  })
  .openapi("Finding");

export const published = z
  .object({ process: processName, version, digest, findings: z.array(finding) })
  .openapi("PublishedDefinition");

export const judgement = z
  .object({
    ok: z.boolean().openapi({ description: "whether it could be published" }),
    process: processName.nullable(),
    version: version.nullable(),
    digest: digest.nullable(),
    findings: z.array(finding),
  })
  .openapi("Judgement");

export const definitionVersion = z
  .object({
    process: processName,
    version,
    digest,
    publishedAt: instantAnswer,
    publishedBy: z.string(),
    default: z.boolean().openapi({ description: "whether new orders take it" }),
    openOrders: z.int().nonnegative(),
  })
  .openapi("DefinitionVersion");

export const processSummary = z
  .object({
    process: processName,
    default: version.nullable(),
    versions: z.array(version),
    openOrders: z.int().nonnegative(),
  })
  .openapi("Process");
