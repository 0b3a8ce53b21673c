/** A story knows the instant of each of its steps, and where it goes on after any number of accepted events. */

import { describe, expect, test } from "vitest";
import { beatAfter, storyOf } from "../../../src/cli/demo/story.ts";
import type { ScenarioFile } from "../../../src/design/scenario-schema.ts";

const file: ScenarioFile = {
  actors: { ann: "customer", lee: ["technician", "lead"] },
  scenarios: [
    {
      id: "short",
      given: { at: "2026-11-23T08:00:00+08:00", by: "ann" },
      steps: [
        { event: "BOOK", by: "ann" },
        { wait: "PT24H" },
        { event: "CHECK", by: "lee", then: { refused: "separation-violated" } },
        { event: "ARRIVE", by: "ann", after: "PT30S" },
        { until: "2026-11-25T09:00:00+08:00" },
        { job: "reserve", after: "PT1S" },
        { event: "LEAVE", by: "ann", at: "2026-11-25T10:00:00+08:00" },
      ],
    },
  ],
};
const story = storyOf(file, "short");
if (story === null) throw new Error("the story is told");

describe("storyOf", () => {
  test("gives every step its instant, in UTC", () => {
    expect(story.startsAt).toBe("2026-11-23T00:00:00.000Z");
    expect(story.beats.map(({ at }) => at)).toEqual([
      "2026-11-23T00:00:00.000Z",
      "2026-11-24T00:00:00.000Z",
      "2026-11-24T00:00:00.000Z",
      "2026-11-24T00:00:30.000Z",
      "2026-11-25T01:00:00.000Z",
      "2026-11-25T01:00:01.000Z",
      "2026-11-25T02:00:00.000Z",
    ]);
  });

  test("knows every actor's roles", () => {
    expect(story.cast).toEqual(
      new Map([
        ["ann", ["customer"]],
        ["lee", ["technician", "lead"]],
      ]),
    );
  });

  test("is null for a story that is not told", () => {
    expect(storyOf(file, "long")).toBeNull();
  });
});

describe("beatAfter", () => {
  test.each([
    [0, 0],
    [1, 1],
    [2, 4],
    [3, 7],
    [9, 7],
  ])("after %i accepted events goes on at step %i", (accepted, index) => {
    expect(beatAfter(story, accepted)).toBe(index);
  });
});
