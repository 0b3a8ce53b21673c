/** What was published is compiled again without being judged again, and means the same. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compile } from "../../machines/compile/compile.ts";
import type { Executable } from "../../machines/compile/executable.ts";
import { judge } from "../../machines/compile/judge.ts";
import { canonicalText, digestOf } from "../../machines/document/canonical.ts";
import { createExecutables } from "../../src/audit/executables.ts";
import type { PayloadSchemas } from "../../machines/schema/compile-schema.ts";

const FLAGSHIP = new URL("../../definitions/service-visit/1.0.0.yaml", import.meta.url);

describe("a published definition", () => {
  test("takes and refuses the same values as the one that was judged", () => {
    const { executable, canonical, digest } = judge(readFileSync(FLAGSHIP, "utf8"), "yaml");
    if (executable === null || canonical === null || digest === null) throw new Error("unsound");
    const again = createExecutables().compile(digest, canonical);
    const [before, after] = [schemasOf(executable), schemasOf(again)];
    expect(before.length).toBeGreaterThan(40);
    expect(after.map(({ schema }) => schema)).toEqual(before.map(({ schema }) => schema));
    for (const value of [{}, { line: 1, decision: "approved", customer: { name: 7 } }]) {
      const said = (all: readonly PayloadSchemas[]) =>
        all.map(({ raw, sealed, withDefaults }) => [
          raw(value),
          sealed(value),
          withDefaults(value),
        ]);
      expect(said(after)).toEqual(said(before));
    }
  });

  test("has schemas that are taken as they are: to judge them is the publisher's work", () => {
    const machine = { initial: "on", states: { on: {} } };
    const document = { process: "p", version: "1.0.0", data: { minimum: 1 }, machine };
    const unseen = compile(document, "d");
    expect(unseen.findings.map(({ rule }) => rule)).toContain("schema-strict");
    const seen = compile(document, "d", { isPublished: true });
    expect(seen.findings.map(({ rule }) => rule)).not.toContain("schema-strict");
  });

  test("is compiled only from the text that its digest names", () => {
    const text = canonicalText({ process: "p", version: "1.0.0", machine: {} });
    expect(() => createExecutables().compile(digestOf(`${text} `), text)).toThrow("Expected the");
  });
});

function schemasOf({ events, effects, jobs, data, items }: Executable): readonly PayloadSchemas[] {
  return [
    data,
    ...[...events.values()].map(({ payload }) => payload),
    ...effects.values(),
    ...[...jobs.values()].flatMap(({ input, output }) => [input, output]),
    ...[...items.values()].map((item) => item.data),
  ];
}
