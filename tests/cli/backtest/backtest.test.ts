/** `sevenstep backtest` on a folder of bundles: counts, reasons, examples, and the exit code. */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { backtestCommand } from "../../../src/cli/backtest.ts";
import { historyOf, PARCEL_EXECUTABLE, type Happening } from "../../audit/history.ts";
import { PARCEL } from "../../runtime/parcel.ts";
import { run } from "../fake-terminal.ts";
import { bundleFile, folder } from "../replay/bundles.ts";

const WEIGHED = (weight: number): readonly Happening[] => [
  { type: "WEIGH", payload: { weight } },
  { type: "HAND_OVER" },
  { type: "DELIVER", role: "courier" },
];

const quiet = (terminal: Parameters<typeof backtestCommand>[0]) =>
  backtestCommand(terminal, () => {});

/** A folder with the definition, changed, and bundles of these histories; and something that is none. */
async function site(histories: readonly (readonly Happening[])[], edit = (text: string) => text) {
  const into = await folder();
  const definition = join(into, "2.0.0.yaml");
  await writeFile(definition, edit(PARCEL.replace("version: 1.0.0", "version: 2.0.0")));
  await writeFile(join(into, "notes.txt"), "not a bundle");
  for (const [index, happenings] of histories.entries()) {
    await bundleFile(historyOf(happenings).lines, { into, name: `${index}.ndjson` });
  }
  return { definition, into };
}

const lighter = (text: string): string =>
  text.replace("HAND_OVER: { target: road,", 'HAND_OVER: { guard: "= weight < 5", target: road,');

describe("histories in a folder", () => {
  test("that all go as they were recorded leave the exit code at 0", async () => {
    const { definition, into } = await site([WEIGHED(1), WEIGHED(9)]);
    const { code, output } = await run(quiet, [definition, "--against", into]);
    expect(output).toContain("2 histories with 8 entries, run through parcel 2.0.0");
    expect(output).toContain("recorded under 1.0.0 (2)");
    expect(output).toContain("Every history goes as it was recorded.");
    expect(code).toBe(0);
  });

  test("that would have been refused are counted by reason, with examples", async () => {
    const { definition, into } = await site([WEIGHED(1), WEIGHED(9), WEIGHED(7)], lighter);
    const { code, output } = await run(quiet, [definition, "--against", into]);
    expect(code).toBe(1);
    expect(output).toMatchSnapshot();
  });

  test("are told of in Chinese", async () => {
    const { definition, into } = await site([WEIGHED(9)], lighter);
    const args = [definition, "--against", into];
    const { output } = await run(quiet, args, { language: "zh" });
    expect(output).toContain("最先被拒绝的内容");
    expect(output).toContain("“交接”不可行：流程要求的条件未满足，weight < 5。");
  });

  test("come as JSON with all that is known", async () => {
    const { definition, into } = await site([WEIGHED(1), WEIGHED(9)], lighter);
    const { output } = await run(quiet, [definition, "--against", into, "--json"]);
    expect(JSON.parse(output)).toMatchObject({
      definition: { process: "parcel", version: "2.0.0" },
      ...{ histories: 2, verdicts: { same: 1, refused: 1 }, unprovenCount: 0 },
      refusals: [
        {
          ...{ event: "HAND_OVER", code: "event-not-enabled", because: "= weight < 5", count: 1 },
          why: { zh: "“交接”不可行：流程要求的条件未满足，weight < 5。" },
          ...{ decided: true, state: "desk", examples: [{ revision: 3 }] },
        },
      ],
    });
  });

  test("that do not hold are not judged, and are named", async () => {
    const { definition, into } = await site([WEIGHED(1)]);
    const forged = historyOf(WEIGHED(2)).lines.map((line) =>
      line.replace('"weight":2', '"weight":3'),
    );
    await bundleFile(forged, { into, name: "forged.ndjson" });
    const { code, output } = await run(quiet, [definition, "--against", into]);
    expect(output).toContain("Histories that do not hold");
    expect(output).toContain("#2 state");
    expect(code).toBe(1);
  });

  test("that can't be read, or whose definition is none, keep no other from being judged", async () => {
    const { definition, into } = await site([WEIGHED(1)]);
    const whole = await readFile(join(into, "0.ndjson"), "utf8");
    await writeFile(join(into, "cut.ndjson"), whole.slice(0, -5));
    const digest = "0".repeat(64);
    const another = whole.replaceAll(PARCEL_EXECUTABLE.digest, digest);
    await writeFile(join(into, "other.ndjson"), another);
    const { code, output } = await run(quiet, [definition, "--against", into]);
    expect(output).toContain("3 histories with 4 entries");
    expect(output).toContain("cut.ndjson: expected a line feed at the end");
    expect(output).toContain("#1 digest");
    expect(code).toBe(1);
  });
});

test("one bundle may be named by itself", async () => {
  const { definition, into } = await site([WEIGHED(1), WEIGHED(2)]);
  const file = join(into, "1.ndjson");
  const { output } = await run(quiet, [definition, "--against", file]);
  expect(output).toContain("1 history with 4 entries");
});

test.each([
  [
    "a definition with errors",
    (text: string) => text.replace("initial: desk", "initial: nowhere"),
    "has errors",
  ],
  [
    "a folder without histories of its process",
    (text: string) => text.replace("process: parcel", "process: letter"),
    "",
  ],
])("%s is nothing to go by", async (_, edit, complaint) => {
  const { definition, into } = await site([WEIGHED(1)], edit);
  const outcome = await run(quiet, [definition, "--against", into]);
  expect(outcome.code).toBe(1);
  expect(outcome.complaint).toContain(complaint);
  if (complaint === "") expect(outcome.output).toBe("No history of this process was found.\n");
});

test("what is neither a period nor a folder is said to be neither", async () => {
  const { definition } = await site([]);
  const outcome = await run(quiet, [definition, "--against", "2026-13"]);
  expect(outcome.complaint).toContain("expected a period such as 2026");
});
