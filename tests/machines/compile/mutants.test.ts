/** Seeded mutants of the shipped definitions: the judge answers each in words, and what it accepts can run. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { judge } from "../../../machines/compile/judge.ts";
import type { Json } from "../../../machines/json.ts";
import { isJsonObject } from "../../../machines/json.ts";
import { runSuite } from "../../../src/design/run-suite.ts";
import { readScenarios } from "../../../src/design/scenario-file.ts";

const MUTANTS = [
  ["traditional-4s", 150],
  ["service-visit", 10],
] as const;

/** What people, copies and attackers leave behind in a definition. */
const ODD: readonly Json[] = [
  ...[null, true, false, 0, -1, 1.5, "", " ", "=", "= ", "= 1", "= nope", "= event", "= (((", "{{"],
  ...[
    "= item.id",
    "= now",
    "constructor",
    "#",
    ".",
    "a.b",
    "*",
    "PT0S",
    "working PT1H",
    "P1",
    "object",
  ],
  `= ${"(".repeat(5000)}1${")".repeat(5000)}`,
  `= ${"1 + ".repeat(5000)}1`,
  ...[[], {}, [null], { "": null }, { enum: [] }, { const: null }, { $ref: "#" }, { oneOf: [] }],
  ...[
    { type: "array", items: false },
    { "x-personal": "yes" },
    { type: "string", pattern: "(a+)+$" },
  ],
  ...[{ type: "final" }, { type: "history", history: "deep" }, { always: { target: "a" } }],
  ...[
    { type: "assign", params: { nope: 1 } },
    { type: "raise", params: { event: "CANCEL" } },
  ],
  { type: "parallel", states: { a: { initial: "x", states: { x: {} } }, b: { type: "history" } } },
];

type Pick = (below: number) => number;

describe("mutants of shipped definitions", () => {
  test.each(MUTANTS)("of %s get findings with line and help, or run", (name, count) => {
    const file = `definitions/${name}/1.0.0`;
    const text = readFileSync(`${file}.yaml`, "utf8");
    const { executable } = judge(text, "yaml");
    const told = readScenarios(readFileSync(`${file}.scenarios.yaml`, "utf8"), executable).file;
    if (told === null) throw new Error(`${file} has no scenarios`);
    const original: Json = parse(text);
    const pick = seeded(20_261_122);
    let ran = 0;
    for (let number = 0; number < count; number += 1) {
      const mutant = structuredClone(original);
      const change = mutate(mutant, pick);
      const { executable: accepted, findings } = judge(JSON.stringify(mutant, null, 1), "json");
      const mute = findings.filter(({ line, help, message }) => !line || !help || !message);
      expect({ change, mute }).toEqual({ change, mute: [] });
      const refused = findings.some(({ severity }) => severity === "error");
      expect({ change, accepted: accepted !== null }).toEqual({ change, accepted: !refused });
      if (accepted === null) continue;
      const scenarios = [told.scenarios[pick(told.scenarios.length)] ?? told.scenarios[0]];
      const one = scenarios.flatMap((scenario) => (scenario === undefined ? [] : [scenario.id]));
      const { runs } = runSuite(accepted, told, new Set(one));
      const aspects = runs.flatMap(({ failure }) => failure?.mismatches ?? []);
      expect(aspects.filter(({ aspect }) => aspect === "engine")).toEqual([]);
      ran += 1;
    }
    expect(ran).toBeGreaterThan(count / 20);
  });
});

/** Changes one place. @returns what was done, for the reader of a failure */
function mutate(document: Json, pick: Pick): string {
  const places = placesOf(document);
  const [holder, key, path] = places[pick(places.length)] ?? nowhere();
  const [donor, from] = places[pick(places.length)] ?? [holder, key];
  const other: Json = structuredClone(donor[from] ?? null);
  const value = holder[key];
  const kinds: readonly (() => string)[] = [
    () => (delete holder[key], "without"),
    () => ((holder[key] = structuredClone(ODD[pick(ODD.length)] ?? null)), "odd"),
    () => ((holder[key] = other), "transplanted"),
    () => ((holder[from] = structuredClone(value ?? null)), `copied to ${from}`),
    () => ((holder[key] = typeof value === "string" ? cut(value, pick) : other), "cut"),
  ];
  return `${path} ${kinds[pick(kinds.length)]?.() ?? ""}`;
}

type Holder = Record<string, Json>;
type Place = readonly [holder: Holder, key: string, path: string];

function nowhere(): Place {
  throw new Error("nothing to change");
}

function placesOf(value: Json, path = ""): Place[] {
  if (Array.isArray(value)) return value.flatMap((each, at) => placesOf(each, `${path}/${at}`));
  if (!isJsonObject(value)) return [];
  const holder: Holder = value;
  return Object.keys(holder).flatMap((key) => [
    [holder, key, `${path}/${key}`] as const,
    ...placesOf(holder[key] ?? null, `${path}/${key}`),
  ]);
}

function cut(text: string, pick: Pick): string {
  const at = pick(text.length + 1);
  return text.slice(0, at) + ["", "(", '"', "}", " && ", "."][pick(6)] + text.slice(at + pick(3));
}

/** Mulberry32: one seed is one series for ever. */
function seeded(seed: number): Pick {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
