/** The line of history: members in their order, chained so that a shell can check it. */

import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { hashLine, MEMBERS, NO_LINE, sha256 } from "../../src/audit/entry.ts";
import { parseLine } from "../../src/audit/parse-line.ts";
import { historyOf } from "./history.ts";

const PAST = [
  { type: "NOTE", payload: { note: "n1", text: "ring twice" } },
  { type: "WEIGH", payload: { weight: 2 }, role: "lead" },
  { type: "HAND_OVER" },
];

describe("a history line", () => {
  test("has its members in the order of the format", () => {
    const { lines } = historyOf(PAST);
    const keys = lines.map((line) => Object.keys(JSON.parse(line)).join());
    const without = MEMBERS.filter((member) => member !== "items").join();
    // Only the second entry opens an item.
    expect(keys).toEqual([without, MEMBERS.join(), without, without]);
  });

  test("is chained by the SHA-256 of the line before it, 64 zeros first", () => {
    const { lines } = historyOf(PAST);
    let prev = "0".repeat(64);
    for (const line of lines) {
      expect(JSON.parse(line).prev).toBe(prev);
      expect(line).not.toMatch(/[\r\n]/);
      prev = createHash("sha256").update(line, "utf8").digest("hex");
      expect(hashLine(line)).toBe(prev);
    }
    expect(NO_LINE).toHaveLength(64);
  });

  test("holds the SHA-256 of the snapshot after it", () => {
    const { lines, snapshots } = historyOf(PAST);
    expect(lines.map((line) => JSON.parse(line).state)).toEqual(snapshots.map(sha256));
  });

  test("hashes UTF-8: the digest is the one that sha256sum gives", () => {
    // printf '沪A·12345' | sha256sum
    expect(sha256("沪A·12345")).toBe(
      "6f13c04b307f23bd076fd46c688974a9d686a992ef12a6a79d6fde65f31b7f93",
    );
  });

  test("names jobs that were opened among the effects", () => {
    const slot = {
      resources: ["bay"],
      from: "2026-11-23T08:00:00.000Z",
      to: "2026-11-23T09:00:00.000Z",
    };
    const { lines } = historyOf([{ type: "BOOK", payload: slot }]);
    expect(JSON.parse(lines[1] ?? "").effects).toMatchObject([
      { type: "job.opened", params: { type: "book", state: "booking", input: slot } },
    ]);
  });
});

describe("parseLine", () => {
  const [, line = ""] = historyOf(PAST).lines;
  const refusedAt = (text: string) => {
    const parsed = parseLine(text);
    return parsed.kind === "malformed" ? parsed.field : "none";
  };

  test("reads back what was written", () => {
    const parsed = parseLine(line);
    expect(parsed.kind === "entry" && JSON.stringify(parsed.entry)).toBe(line);
  });

  test.each([
    ["", "line"],
    ["[]", "line"],
    ["null", "line"],
    ['{"v":1}', "order"],
    [line.replace('"v":1', '"v":2'), "v"],
    [line.replace('"revision":2', '"revision":"2"'), "revision"],
    [line.replace('"revision":2', '"revision":0'), "revision"],
    [line.replace('"revision":2', '"revision":2.0'), "line"],
    [line.replace('"prev":"', '"prev":"A'), "prev"],
    [line.replace(/"at":"[^"]*"/, '"at":"2026-11-22T08:00:01Z"'), "at"],
    [line.replace(/"at":"[^"]*"/, '"at":"2026-13-22T08:00:01.000Z"'), "at"],
    [line.replace('"sub":"ann"', '"sub":7'), "actor"],
    [line.replace('"sub":"ann"', '"sub":"ann","name":"Ann"'), "actor"],
    [line.replace(/"payload":\{[^}]*\}/, '"payload":[]'), "payload"],
    [line.replace('{"v":1,', '{"v":1,"v":1,'), "line"],
    [line.replace('{"v":1,', '{"v":1,"note":"",'), "line"],
    [line.replace('{"v":1,', '{"note":"","v":1,'), "line"],
    [`${line}\n`, "line"],
    [` ${line}`, "line"],
  ])("refuses %# and names the member", (text, field) => {
    expect(text).not.toBe(line);
    expect(refusedAt(text)).toBe(field);
  });
});
