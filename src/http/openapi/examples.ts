/** The requests and answers of a real service visit, as examples; `npm run generate` records them. */

import { existsSync, readFileSync } from "node:fs";
import { z } from "@hono/zod-openapi";

const recorded = z.object({
  request: z.json().optional(),
  /** By status. */
  responses: z.record(z.string(), z.json()),
});

export type RecordedExample = z.infer<typeof recorded>;

const FOLDER = new URL("./recorded/", import.meta.url);

/** @returns null for an operation of which nothing is recorded */
export function exampleOf(operationId: string): RecordedExample | null {
  const file = new URL(`${operationId}.json`, FOLDER);
  return existsSync(file) ? recorded.parse(JSON.parse(readFileSync(file, "utf8"))) : null;
}

/** @returns by problem code */
export function problemExamples(): Readonly<Record<string, unknown>> {
  const file = new URL("problems.json", FOLDER);
  if (!existsSync(file)) return {};
  return z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(file, "utf8")));
}
