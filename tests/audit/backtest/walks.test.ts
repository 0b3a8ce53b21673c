/** Whatever happened to an order happens again under a definition that means the same, with persons' data or without. */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { backtestHistory } from "../../../src/audit/backtest/backtest-history.ts";
import { createExecutables } from "../../../src/audit/executables.ts";
import { executablesOf } from "../../../src/audit/recorded.ts";
import { historyOf as walkedHistory } from "../../evidence/histories.ts";
import { executableOf } from "../history.ts";

const WALKS = Number(process.env["WALKS"] ?? 120);
const FOLDER = new URL("../../../definitions/", import.meta.url).pathname;

/** The same texts under another version: another digest, the same meaning. */
const candidates = new Map(
  ["service-visit", "traditional-4s"].map((name) => {
    const text = readFileSync(`${FOLDER}${name}/1.0.0.yaml`, "utf8");
    return [name, executableOf(text.replace("version: 1.0.0", "version: 9.0.0"))];
  }),
);

test(`${WALKS} walked histories, some of them migrated on the way, go the same way again`, () => {
  const executables = createExecutables();
  const seen = { entries: 0, migrated: 0, disclosed: 0 };
  for (let seed = 1; seed <= WALKS; seed += 1) {
    const { order, lines, entries, values, definitions } = walkedHistory(seed);
    const name = entries[0]?.payload["process"];
    const candidate = candidates.get(typeof name === "string" ? name : "");
    if (candidate === undefined) throw new Error("expected a shipped process");
    // What walks send later is not always as its schema says, once it is seen in clear.
    const begun = new Set(Object.values(entries[0]?.sealed ?? {}));
    const known = values.filter(({ commitment }) => seed % 2 === 0 && begun.has(commitment));
    const disclosed = new Map(known.map(({ commitment, value }) => [commitment, value]));
    const recorded = { id: order, lines, definitions, values: disclosed };
    const result = backtestHistory(candidate, recorded, executablesOf(recorded, executables));
    expect(result, `seed ${seed}`).toMatchObject({
      ...{ kind: "backtested", verdict: "same", refusals: [], parting: null, effects: [] },
      entries: lines.length,
    });
    seen.entries += lines.length;
    seen.disclosed += disclosed.size;
    if (result.kind === "backtested" && result.isMigrated) seen.migrated += 1;
  }
  expect(seen.migrated).toBeGreaterThan(WALKS / 10);
  expect(seen.disclosed).toBeGreaterThan(WALKS / 2);
  expect(seen.entries).toBeGreaterThan(WALKS * 5);
});
