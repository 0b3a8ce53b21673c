/** `sevenstep replay` on files of bundles: what is told of each entry, and how a reader steps through them. */

import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { expect, describe, test } from "vitest";
import { replayCommand } from "../../../src/cli/replay.ts";
import type { Screen } from "../../../src/cli/replay/screen.ts";
import { historyOf, type Happening } from "../../audit/history.ts";
import { historyOf as walkedHistory } from "../../evidence/histories.ts";
import { run } from "../fake-terminal.ts";
import { bundleFile } from "./bundles.ts";

const HAPPENINGS: readonly Happening[] = [
  { type: "WEIGH", payload: { weight: 2 } },
  { type: "NOTE", payload: { note: "n1", text: "ring twice" } },
  { type: "HAND_OVER" },
  { type: "timer.fired" },
  { type: "DELIVER", role: "courier" },
];
const { lines } = historyOf(HAPPENINGS);

const plain = (terminal: Parameters<typeof replayCommand>[0]) =>
  replayCommand(terminal, () => null);

function saltOf(commitment: string, text: string): string {
  const salts = Array.from({ length: 256 }, (_, byte) => Buffer.alloc(32, byte));
  const salt = salts.find(
    (each) => createHash("sha256").update(each).update(text).digest("hex") === commitment,
  );
  return salt?.toString("hex") ?? "";
}

/** A screen on which somebody presses these keys, and all that was drawn on it. */
function pressing(keys: readonly string[], rows = 20) {
  const drawn: string[] = [];
  const waiting = [...keys];
  let isOpen = true;
  const screen: Screen = {
    size: () => ({ columns: 80, rows }),
    draw: (page) => {
      drawn.push(page.join("\n"));
    },
    key: () => Promise.resolve(waiting.shift() ?? null),
    close: () => {
      isOpen = false;
    },
  };
  const command = (terminal: Parameters<typeof replayCommand>[0]) =>
    replayCommand(terminal, () => screen);
  return { command, drawn, isOpen: () => isOpen };
}

describe("a history in plain text", () => {
  test("tells of each entry who did what, and all that changed", async () => {
    const { output, code } = await run(plain, [await bundleFile(lines)]);
    expect(code).toBe(0);
    expect(output).toMatchSnapshot();
  });

  test("is told in Chinese", async () => {
    const file = await bundleFile(lines);
    const { output } = await run(plain, [file], { language: "zh" });
    expect(output).toContain("共 6 条记录");
    expect(output).toContain("HAND_OVER · 交接");
    expect(output).toContain("每一行都承接前一行");
  });

  test("shows personal values that were disclosed, and no other", async () => {
    const commitment = /"sealed":\{"\/text":"([0-9a-f]{64})"/.exec(lines[2] ?? "")?.[1] ?? "";
    // The history's salts are bytes of one number each.
    const salt = saltOf(commitment, '"ring twice"');
    const seals = [{ commitment, salt, value: '"ring twice"' }];
    const { output } = await run(plain, [await bundleFile(lines, { seals })]);
    expect(output).toContain('"text":"ring twice"');
    expect(output).toContain("1 personal value is not disclosed here, or erased.");
    expect(output).not.toContain(commitment);
  });

  test("shows the order as it was at a revision, or at an instant", async () => {
    const file = await bundleFile(lines);
    const byRevision = await run(plain, [file, "--at", "4"]);
    expect(byRevision.output).toContain("HAND_OVER");
    expect(byRevision.output).toContain("as it was then");
    expect(byRevision.output).toContain("/weight 2");
    expect(byRevision.output).not.toContain("#3");
    const { at } = JSON.parse(lines[4] ?? "");
    const before = new Date(Date.parse(at) - 1).toISOString().replace("Z", "+00:00");
    expect((await run(plain, [file, "--at", before])).output).toBe(byRevision.output);
  });

  test.each([
    ["7", "expected a revision up to 6, found 7"],
    ["1999-01-01T00:00:00Z", "expected an instant from 2026-11-22T08:00:00.000Z on"],
    ["yesterday", "expected a revision such as 12, or an instant"],
  ])("has no place at %s, and says so", async (at, complaint) => {
    const outcome = await run(plain, [await bundleFile(lines), "--at", at]);
    expect(outcome.code).toBe(1);
    expect(outcome.complaint).toContain(complaint);
  });

  test("comes as lines of JSON", async () => {
    const { output } = await run(plain, [await bundleFile(lines), "--json"]);
    const entries = output
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(entries).toHaveLength(6);
    expect(entries[1]).toMatchObject({
      ...{ revision: 2, type: "WEIGH", version: "1.0.0" },
      changes: [{ pointer: "/weight", before: 1, after: 2 }],
    });
  });

  test("says under which definition an order goes on that was migrated", async () => {
    const migrated = (seed: number) =>
      walkedHistory(seed).entries.some(({ type }) => type === "order.migrated");
    const seed = Array.from({ length: 100 }, (_, at) => at).find(migrated) ?? -1;
    const { lines: walked, definitions } = walkedHistory(seed);
    const { output, code } = await run(plain, [await bundleFile(walked, { definitions })]);
    expect(code).toBe(0);
    expect(output).toMatch(
      /order\.migrated · moved to another version of its process\n.*\n {4}under {7}(\S+) 1\.0\.0 → \1 1\.1\.0\n/,
    );
  });

  test("moves no cursor and turns no text, whatever was written into it", async () => {
    const hostile = historyOf([
      { type: "NOTE", payload: { note: "n\u001b[2J\u009b1m\u202eabc", text: "x" } },
    ]);
    const { output } = await run(plain, [await bundleFile(hostile.lines)]);
    expect(output).toContain("\\u001b[2J\\u009b1m\\u202eabc");
    expect(output).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });
});

describe("a history that does not hold", () => {
  test("is told up to where it breaks, and what was expected there", async () => {
    const forged = lines.map((line) => line.replace('"weight":2', '"weight":3'));
    const { output, code } = await run(plain, [await bundleFile(forged)]);
    expect(code).toBe(1);
    expect(output).toContain("#1");
    expect(output).not.toContain("#2");
    expect(output).toContain("revision 2 diverges in state");
  });

  test("is a frame of its own for a reader who steps", async () => {
    const forged = lines.map((line) => line.replace('"weight":2', '"weight":3'));
    const { command, drawn } = pressing(["end", "q"]);
    await run(command, [await bundleFile(forged)]);
    expect(drawn.at(-1)).toContain("revision 2 diverges in state");
  });

  test.each([
    ["is cut", (text: string) => text.slice(0, -10)],
    [
      "has a line in another writing",
      (text: string) => text.replace('"kind":"proof"', '"kind": "proof"'),
    ],
    ["is no bundle", () => "hello\n"],
  ])("is refused where its file %s", async (_, spoil) => {
    const file = await bundleFile(lines);
    await writeFile(file, spoil(await readFile(file, "utf8")));
    const { code, complaint } = await run(plain, [file]);
    expect(code).toBe(1);
    expect(complaint).toContain(file);
  });

  test("is refused where a seal opens to another value", async () => {
    const commitment = /"sealed":\{"\/text":"([0-9a-f]{64})"/.exec(lines[2] ?? "")?.[1] ?? "";
    const seals = [{ commitment, salt: "00".repeat(32), value: '"ring thrice"' }];
    const { complaint } = await run(plain, [await bundleFile(lines, { seals })]);
    expect(complaint).toContain(`expected the value of seal ${commitment}, found another`);
  });
});

describe("stepping", () => {
  test("goes on and back, to the ends, and to a revision", async () => {
    const keys = ["right", "space", "left", "end", "right", "home", "left", "4", "return", "q"];
    const { command, drawn, isOpen } = pressing(keys);
    await run(command, [await bundleFile(lines)]);
    const places = drawn.map((page) => Number(/entry (\d+) of 6/.exec(page)?.[1]));
    expect(places).toEqual([1, 2, 3, 2, 6, 6, 1, 1, 1, 4]);
    expect(isOpen()).toBe(false);
  });

  test("shows the whole order, another language, and what lies below", async () => {
    const { command, drawn } = pressing(["d", "l", "l", "down", "down", "up", "ctrl+c"], 10);
    await run(command, [await bundleFile(lines), "--at", "2"]);
    expect(drawn[0]).toContain("WEIGH");
    expect(drawn[1]).toContain("as it was then");
    expect(drawn[2]).toContain("当时的工单");
    expect(drawn[4]).not.toContain("as it was then");
    expect(drawn.every((page) => page.split("\n").length === 10)).toBe(true);
  });

  test("ends when nobody is there any more", async () => {
    const { command, isOpen } = pressing([]);
    await run(command, [await bundleFile(lines)]);
    expect(isOpen()).toBe(false);
  });
});

test("what is neither an order's id nor a file is said to be neither", async () => {
  const { code, complaint } = await run(plain, ["nothing-here"]);
  expect(code).toBe(1);
  expect(complaint).toContain("expected an order's id or the file of a bundle");
});
