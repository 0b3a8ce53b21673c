/** Version files stand in the order of their versions, not of their names. */

import { expect, test } from "vitest";
import { byVersion } from "../../src/cli/version-file.ts";

test("orders by number, and a pre-release before its release", () => {
  const names = [
    "1.10.0.yaml",
    "1.9.0.yaml",
    "1.10.0-rc.1.yaml",
    "2.0.0.json",
    "1.9.0.scenarios.yaml",
  ];
  expect(names.toSorted(byVersion)).toEqual([
    "1.9.0.scenarios.yaml",
    "1.9.0.yaml",
    "1.10.0-rc.1.yaml",
    "1.10.0.yaml",
    "2.0.0.json",
  ]);
});
