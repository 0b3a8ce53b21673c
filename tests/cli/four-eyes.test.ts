/** Nobody erases alone, unless the operator says where somebody may. */

import { describe, expect, test } from "vitest";
import { fourEyesIn } from "../../src/cli/four-eyes.ts";

describe("four eyes", () => {
  test.each([
    ["all", [true, true, true]],
    ["none", [false, false, false]],
    ["sh-01", [true, false, true]],
    ["sh-01, bj-07", [true, true, true]],
  ])("under %j are asked for in sh-01, bj-07 and where there is no centre: %j", (text, asked) => {
    const fourEyes = fourEyesIn(text);
    expect(["sh-01", "bj-07", null].map(fourEyes)).toEqual(asked);
  });
});
