import { describe, expect, test } from "vitest";
import { createConformance, type Conformance } from "../../../src/audit/conformance/conformance.ts";
import { createPathReader, type Level } from "../../../src/audit/conformance/path.ts";
import { hashLine } from "../../../src/audit/entry.ts";
import { chainedHistory } from "../../../src/audit/export/chained-history.ts";
import { vocabularyOf } from "../../../src/audit/export/vocabulary.ts";
import { stepOf } from "../../../src/runtime/position.ts";
import { executableOf, historyOf, type Happening } from "../history.ts";

const CHECKED = `
process: checked
version: 1.0.0
roles: [clerk, lead]
data: { type: object, properties: { recipient: { type: string, x-personal: true } } }
events:
  SEND: { by: [clerk] }
  PASS: { by: [clerk] }
  FAIL: { by: [clerk] }
  OVERRIDE_CHECK: { by: [lead] }
  WAVE_THROUGH: { by: [lead] }
machine:
  initial: packing
  states:
    packing: { meta: { step: work }, on: { SEND: checking } }
    checking:
      meta: { step: check }
      initial: first
      states:
        first: { on: { PASS: second } }
        second: {}
      on: { FAIL: packing, OVERRIDE_CHECK: done, WAVE_THROUGH: done, PASS: done }
      after: { PT1H: packing }
    done: { type: final }
`;
const executable = executableOf(CHECKED);
const vocabulary = vocabularyOf(executable, (value) => stepOf(executable.order, value));

const sent: Happening = { type: "SEND" };
const passed: Happening = { type: "PASS" };
const STRAIGHT = [sent, passed, passed];
const REWORKED = [sent, { type: "FAIL" }, ...STRAIGHT];
const OVERRIDDEN = [sent, { type: "OVERRIDE_CHECK", role: "lead" }];
const WAVED = [sent, { type: "WAVE_THROUGH", role: "lead" }];

function tallied(
  level: Level,
  histories: readonly (readonly Happening[])[],
  override: readonly string[] = [],
): Conformance {
  const tally = createConformance(level, 0.3);
  for (const [index, happenings] of histories.entries()) {
    const { lines } = historyOf(happenings, executable);
    const read = chainedHistory("0190b8a5-5b1c-7c3e-8c22-1f2d3e4f5a6b");
    const reader = createPathReader(
      level,
      (type) => type.startsWith("OVERRIDE") || override.includes(type),
    );
    for (const { line, hash } of lines.map(stored)) {
      reader.add(read({ line, hash }).entry, vocabulary);
    }
    const path = reader.path();
    tally.add(`order ${index}`, path, path.places.at(-1)?.name === "done");
  }
  return tally.result();
}

describe("conformance", () => {
  test("counts the ways of orders that ended: common ones, rare ones, and those only by an override", () => {
    const result = tallied("step", [STRAIGHT, STRAIGHT, STRAIGHT, REWORKED, OVERRIDDEN, [sent]]);
    expect([result.ended, result.open]).toEqual([5, 1]);
    expect(
      result.variants.map(({ places, orders, commonness, examples }) => ({
        way: places.map(({ name, isOverridden }) => name + (isOverridden ? "*" : "")).join(" "),
        ...{ orders, commonness, example: examples[0] },
      })),
    ).toEqual([
      { way: "work check done", orders: 3, commonness: "common", example: "order 0" },
      { way: "work check work check done", orders: 1, commonness: "rare", example: "order 3" },
      { way: "work check* done", orders: 1, commonness: "override", example: "order 4" },
    ]);
    expect(result.overrides).toEqual([{ event: "OVERRIDE_CHECK", times: 1, orders: 1 }]);
  });

  test("tells moves between the very states, with what took them, also of orders under way", () => {
    const { moves } = tallied("state", [STRAIGHT, STRAIGHT, OVERRIDDEN, [sent]]);
    const told = moves.map(({ from, to, times, overridden, events, commonness }) =>
      [from, to, times, overridden, events.join(), commonness].join(" "),
    );
    expect(told.toSorted()).toEqual(
      [
        " packing 4 0 order.started common",
        "packing checking.first 4 0 SEND common",
        "checking.first checking.second 2 0 PASS common",
        "checking.second done 2 0 PASS common",
        "checking.first done 1 1 OVERRIDE_CHECK override",
      ].toSorted(),
    );
  });

  test("takes further events for overrides when it is told so", () => {
    expect(tallied("step", [WAVED]).variants[0]?.commonness).toBe("common");
    const told = tallied("step", [WAVED], ["WAVE_THROUGH"]);
    expect(told.variants[0]?.commonness).toBe("override");
  });

  test("takes what a person forced upon the engine for an override", () => {
    const [, line = ""] = historyOf([sent], executable).lines;
    const payload = { timer: JSON.parse(line).timers.set[0].id, reason: "no need" };
    const timer = { type: "timer.cancelled", payload };
    const result = tallied("step", [[sent, timer, passed, passed]]);
    expect(result.variants[0]?.commonness).toBe("override");
    expect(result.overrides).toEqual([{ event: "timer.cancelled", times: 1, orders: 1 }]);
  });
});

function stored(line: string): { readonly line: string; readonly hash: string } {
  return { line, hash: hashLine(line) };
}
