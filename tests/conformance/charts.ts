/** Reads the conformance charts: small machines with what SCXML says of them, written out by hand. */

import { readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import type { StateConfig } from "../../machines/document/document.ts";

const leaves = z
  .union([z.string(), z.array(z.string())])
  .transform((given) => (typeof given === "string" ? [given] : given));

/** What is seen once a macrostep is complete; a trace is checked where it is given. */
const seen = {
  /** Active states without inner states, in document order. */
  state: leaves,
  trace: z.string().exactOptional(),
  done: z.boolean().default(false),
};

const chart = z.strictObject({
  id: z.string(),
  machine: z.custom<StateConfig>((value) => typeof value === "object" && value !== null),
  start: z.strictObject(seen),
  steps: z.array(
    z.strictObject({ send: z.string(), refused: z.boolean().default(false), ...seen }),
  ),
});

export type ConformanceChart = z.infer<typeof chart>;

const folder = new URL("charts/", import.meta.url);

/** All charts, by the topic that their file is named after. */
export function conformanceCharts(): ReadonlyMap<string, readonly ConformanceChart[]> {
  const files = readdirSync(folder).filter((name) => name.endsWith(".yaml"));
  return new Map(
    files.toSorted().map((name) => {
      const text = readFileSync(new URL(name, folder), "utf8");
      return [name.replace(".yaml", ""), z.array(chart).parse(parse(text))];
    }),
  );
}
