/** The schemas of a document: of its data, its items, its effects and its jobs. */

import type { DefinitionDocument, JobDeclaration } from "../document/document.ts";
import { childOf } from "../document/pointer.ts";
import type { JsonSchema } from "../json.ts";
import { compilePayloadSchemas, payloadSchemasOf } from "../schema/compile-schema.ts";
import type { PayloadSchemas } from "../schema/compile-schema.ts";
import { parseDuration } from "../time/duration.ts";
import { isProblem } from "../time/problem.ts";
import { checkRoles } from "./checks/roles.ts";
import type { JobSpec } from "./executable.ts";
import type { OutlineIndex } from "./outline.ts";
import { placed } from "./placed.ts";
import type { Reporter } from "./report.ts";
import { listed } from "./report.ts";

/**
 * Compiles a schema. Where it has errors they are reported, and what stands in for it has its fields still, so that the
 * expressions that read them are not refused as well; nothing is ever validated by it.
 */
export function compileSchema(
  schema: JsonSchema | undefined,
  pointer: string,
  reporter: Reporter,
): PayloadSchemas {
  if (!reporter.judgesSchemas) return payloadSchemasOf(schema);
  const compiled = compilePayloadSchemas(schema, pointer);
  reporter.add(compiled.findings);
  return compiled.schemas ?? { ...EMPTY, schema: schema ?? true };
}

export const EMPTY: PayloadSchemas = payloadSchemasOf(undefined);

export function compileEffects(
  document: DefinitionDocument,
  reporter: Reporter,
): ReadonlyMap<string, PayloadSchemas> {
  return new Map(
    Object.entries(document.effects ?? {}).map(([type, { payload }]) => [
      type,
      // An effect that declares no payload takes any: it crosses the border as it is.
      compileSchema(payload ?? ANY_OBJECT, childOf("/effects", type, "payload"), reporter),
    ]),
  );
}

const ANY_OBJECT: JsonSchema = { type: "object", additionalProperties: true };

/** The declared jobs, and with open schemas those that are only invoked. */
export function compileJobs(
  document: DefinitionDocument,
  charts: readonly OutlineIndex[],
  reporter: Reporter,
): ReadonlyMap<string, JobSpec> {
  const jobs = new Map<string, JobSpec>();
  const add = (type: string, declaration: JobDeclaration): void => {
    const pointer = childOf("/jobs", type);
    checkRoles(declaration.by, document, pointer, reporter);
    checkBackoff(declaration, pointer, reporter);
    jobs.set(type, {
      type,
      input: compileSchema(declaration.input ?? ANY_OBJECT, `${pointer}/input`, reporter),
      output: compileSchema(declaration.output ?? ANY_OBJECT, `${pointer}/output`, reporter),
    });
  };
  for (const [type, declaration] of Object.entries(document.jobs ?? {})) add(type, declaration);
  for (const chart of charts) {
    for (const outline of chart.byPath.values()) {
      for (const [invoke, pointer] of placed(outline.config.invoke, `${outline.pointer}/invoke`)) {
        if (jobs.has(invoke.src)) continue;
        reporter.warning(
          "job-undeclared",
          `${pointer}/src`,
          `Expected a job that \`jobs\` declares, found "${invoke.src}"; the declared ones are ${listed(jobs.keys())}.`,
          `Declare it: jobs: { ${invoke.src}: { input: {...}, output: {...} } }. Until then its input and output are unchecked.`,
        );
        add(invoke.src, {});
      }
    }
  }
  return jobs;
}

function checkBackoff({ backoff }: JobDeclaration, pointer: string, reporter: Reporter): void {
  const duration = backoff === undefined ? null : parseDuration(backoff);
  if (duration === null || !isProblem(duration)) return;
  reporter.error(
    "bad-backoff",
    childOf(pointer, "backoff"),
    `${duration.problem}.`,
    "Write the time before the first retry, such as PT10S; it is doubled at each further one.",
  );
}
