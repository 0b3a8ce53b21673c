/** What holds for every definition that the product is shipped with, now and in every later version. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { runSuite } from "../../src/design/run-suite.ts";
import { DEFINITIONS_FOLDER, readDefinitions } from "./read-definitions.ts";

const definitions = readDefinitions();
const locked: unknown = JSON.parse(
  readFileSync(join(DEFINITIONS_FOLDER, "published.lock.json"), "utf8"),
);

test("the lock names every published version and its digest, and nothing else", () => {
  const digests = definitions.map(({ name, executable }) => [name, executable?.digest]);
  expect(Object.fromEntries(digests)).toEqual(locked);
});

describe.each(definitions)("$name", ({ name, executable, definition, scenarios }) => {
  test("is judged without a finding, its scenarios too", () => {
    expect([...definition.findings, ...(scenarios?.findings ?? [])]).toEqual([]);
  });

  test("bears the name of its folder and file", () => {
    expect(`${executable?.process}@${executable?.version}`).toBe(name);
  });

  const file = scenarios?.file ?? null;
  if (executable === null || file === null) return;
  const { runs, coverage } = runSuite(executable, file, null);

  test.each(runs)("keeps the story $id", ({ failure }) => {
    expect(failure).toBeNull();
  });

  test("has no state, transition or timer that no story tells of", () => {
    const { states, transitions, timers } = coverage;
    expect([states, transitions, timers].flatMap(({ missing }) => missing)).toEqual([]);
  });

  test("has no guard that no story sees hold and fail", () => {
    const { guardsTrue, guardsFalse } = coverage;
    expect([guardsTrue, guardsFalse].flatMap(({ missing }) => missing)).toEqual([]);
  });
});
