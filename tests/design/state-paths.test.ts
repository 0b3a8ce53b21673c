/** State values read as paths. */

import { describe, expect, test } from "vitest";

import { activePaths, isActive } from "../../src/design/state-paths.ts";

const VALUE = { quality: { gates: "peer", photos: {} }, clock: "ticking" };

describe("isActive", () => {
  test("knows inner states, their ancestors, and regions without inner states", () => {
    for (const path of [
      "quality",
      "quality.gates",
      "quality.gates.peer",
      "quality.photos",
      "clock.ticking",
    ]) {
      expect(isActive(VALUE, path), path).toBe(true);
    }
    expect(isActive("open", "open")).toBe(true);
  });

  test("knows no other", () => {
    for (const path of [
      "peer",
      "quality.gates.final",
      "quality.gates.peer.deeper",
      "clock.constructor",
      "",
    ]) {
      expect(isActive(VALUE, path), path).toBe(false);
    }
  });
});

describe("activePaths", () => {
  test("gives the innermost states in document order", () => {
    expect(activePaths(VALUE)).toEqual(["quality.gates.peer", "quality.photos", "clock.ticking"]);
    expect(activePaths("open")).toEqual(["open"]);
    expect(activePaths({})).toEqual([]);
  });
});
