import { describe, expect, test } from "vitest";
import { judge } from "../../machines/compile/judge.ts";
import { activeStates, stepOf, tagsOf, titleOf } from "../../src/runtime/position.ts";

const { executable } = judge(
  JSON.stringify({
    process: "two-regions",
    version: "1.0.0",
    machine: {
      initial: "work",
      states: {
        work: {
          type: "parallel",
          meta: { step: "work", title: { en: "Work", zh: "作业" } },
          tags: ["open"],
          states: {
            left: {
              initial: "one",
              states: {
                one: { tags: ["open", "first"], on: { GO: "two" } },
                two: { meta: { step: "deep", title: { en: "Two", zh: "二" } } },
              },
            },
            right: { initial: "one", states: { one: {} } },
          },
        },
      },
    },
    events: { GO: {} },
  }),
  "json",
);
if (executable === null) throw new Error("expected a definition");
const chart = executable.order;

describe("a position", () => {
  const first = { work: { left: "one", right: "one" } };
  const second = { work: { left: "two", right: "one" } };

  test.each([1, 2, 3])("is that of its own value, however often it is asked for (%i)", () => {
    expect(activeStates(chart, first).map(({ path }) => path)).toEqual([
      ...["work", "work.left", "work.left.one", "work.right", "work.right.one"],
    ]);
    expect([stepOf(chart, first), stepOf(chart, second)]).toEqual(["work", "deep"]);
    expect([tagsOf(chart, first), tagsOf(chart, second)]).toEqual([["open", "first"], ["open"]]);
    expect(titleOf(chart, second)).toEqual({
      en: "Work › Two, Work › one",
      zh: "作业 › 二, 作业 › one",
    });
  });

  test("does not depend on the order of keys that a store has lost", () => {
    const sorted = { work: { right: "one", left: "two" } };
    expect(activeStates(chart, sorted)).toEqual(activeStates(chart, second));
  });
});
