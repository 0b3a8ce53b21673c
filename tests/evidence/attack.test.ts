/** A small run of the attack; `npm run evidence:attack` is the large one. */

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { attack } from "./attack.ts";
import { bundleOf, bytesOf, logOver, SIGNER } from "./bundles.ts";
import { FORGERIES, forged } from "./forgeries.ts";
import { historyOf } from "./histories.ts";
import { startPython, VERIFIER } from "./python.ts";
import { createDice } from "./random.ts";

describe("evidence bundles", () => {
  test("are believed by both verifiers, and nothing that was changed is", async () => {
    const plan = { bundles: 20, bytes: 600, forgeries: 250, started: 4, seed: 7 };
    const found = await attack({ ...plan, progress: () => {} });
    expect(found.passed).toEqual([]);
    expect(found.bundles).toEqual({ count: 20, python: 20, ours: 20 });
    expect(found.withheld).toEqual({ count: 40, python: 40, ours: 40 });
    expect(found.replayed).toBe(20);
    expect(found.bytes).toMatchObject({ count: 600, python: 0, ours: 0 });
    expect(found.forgeries).toMatchObject({ count: 250, python: 0, ours: 0 });
    expect(found.started).toEqual({ count: 4, python: 0, ours: 0 });
  });
});

describe("verify.py", () => {
  test("has at most 80 lines", async () => {
    expect((await readFile(VERIFIER, "utf8")).trimEnd().split("\n").length).toBeLessThanOrEqual(80);
  });

  test("demands nothing in vain: without any one of its demands, some forgery is believed", async () => {
    const text = await readFile(VERIFIER, "utf8");
    const demands = [...text.matchAll(/^ +need\(/gm)].map(({ index }) => index);
    const folder = await mkdtemp(join(tmpdir(), "verifier-"));
    const vain: string[] = [];
    try {
      for (const at of demands) {
        const file = join(folder, "verify.py");
        const weaker = `${text.slice(0, at)}${text.slice(at).replace("need(", "(lambda *_: None)(")}`;
        await writeFile(file, weaker);
        const demand = text.slice(at).split("\n")[0] ?? "";
        if (!demand.includes(IN_WORDS) && (await believed(file)) === null) vain.push(demand);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
    expect(demands.length).toBeGreaterThan(15);
    expect(vain).toEqual([]);
  });
});

/** Without it the program ends all the same, but says nothing that its reader could use. */
const IN_WORDS = "a checkpoint of another form";

const KEY = SIGNER.verifier.text;
/** The same key as one of another algorithm. */
const ANOTHER_KEY = KEY.replace(/[^+]+$/, (encoded) => {
  const bytes = Buffer.from(encoded, "base64");
  bytes[0] = 2;
  return bytes.toString("base64");
});

/** The first forgery that this verifier lets through; null: none. */
async function believed(verifier: string): Promise<string | null> {
  const dice = createDice(3);
  const histories = [2, 4, 10, 17].map(historyOf);
  const log = logOver(histories, dice);
  const python = startPython(verifier);
  try {
    for (let turn = 0; turn < 4; turn += 1) {
      for (const way of Object.keys(FORGERIES)) {
        const [history, other] = [dice.pick(histories), dice.pick(histories)];
        if (history === other) continue;
        const given = { history, log, dice, bundle: bundleOf(history, log) };
        const made = forged(
          { ...given, other: { history: other, bundle: bundleOf(other, log) } },
          way,
        );
        const verdict = made && (await python.verify(made, [KEY]));
        if (verdict?.accepted === true) return way;
        const byAnother = await python.verify(bytesOf(given.bundle), [ANOTHER_KEY]);
        if (byAnother.accepted) return "another key";
      }
    }
    return null;
  } finally {
    await python.stop();
  }
}
