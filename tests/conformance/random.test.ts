import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomRuns, type RandomRun } from "./random-charts.ts";
import { EndlessMacrostep, sendEvent, startChart, type Macrostep } from "./scxml.ts";
import { nameOf, type Node } from "./scxml-tree.ts";

/** The macrosteps of a run, up to one that never comes to rest. */
function* macrosteps({ machine, events }: RandomRun): Generator<Macrostep> {
  try {
    let step = startChart(machine);
    yield step;
    for (const event of events) yield (step = sendEvent(step.configuration, event));
  } catch (error) {
    if (!(error instanceof EndlessMacrostep)) throw error;
  }
}

/** SCXML 3.11: an active state has an active parent, one active child if compound, all of them if parallel. */
function expectLegal(node: Node, active: ReadonlySet<Node>): void {
  const children = node.children.filter(({ kind }) => kind !== "history");
  const inside = children.filter((child) => active.has(child));
  const legal = { atomic: 0, final: 0, history: 0, compound: 1, parallel: children.length };
  expect(inside.length).toBe(active.has(node) ? legal[node.kind] : 0);
  for (const child of children) expectLegal(child, active);
}

describe("the algorithm on random charts", () => {
  test("always comes to a legal configuration", () => {
    fc.assert(
      fc.property(randomRuns(), (run) => {
        for (const { configuration } of macrosteps(run)) {
          expectLegal(configuration.root, new Set(configuration.active));
        }
      }),
      { numRuns: 400 },
    );
  });

  test("enters only what is not active, and leaves only what is", () => {
    fc.assert(
      fc.property(randomRuns(), (run) => {
        const active = new Set<string>();
        for (const { configuration, trace } of macrosteps(run)) {
          for (const mark of trace) {
            const name = mark.slice(1);
            if (mark.startsWith("+")) expect(active.has(name)).toBe(false);
            if (mark.startsWith("-")) expect(active.has(name)).toBe(true);
            if (mark.startsWith("+")) active.add(name);
            if (mark.startsWith("-")) active.delete(name);
          }
          const names = configuration.active.map(({ path }) => nameOf(path));
          expect([...active].toSorted()).toEqual(configuration.running ? names.toSorted() : []);
        }
      }),
      { numRuns: 400 },
    );
  });
});
