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
  test(
    "are believed by both verifiers, and nothing that was changed is",
    { timeout: 300_000 },
    async () => {
      const plan = { bundles: 20, bytes: 300, forgeries: 160, started: 4, seed: 7 };
      const found = await attack({ ...plan, progress: () => {} });
      expect(found.passed).toEqual([]);
      expect(found.bundles).toEqual({ count: 20, python: 20, ours: 20 });
      expect(found.withheld).toEqual({ count: 40, python: 40, ours: 40 });
      expect(found.replayed).toBe(20);
      expect(found.bytes).toMatchObject({ count: 300, python: 0, ours: 0 });
      expect(found.forgeries).toMatchObject({ count: 160, python: 0, ours: 0 });
      expect(found.started).toEqual({ count: 4, python: 0, ours: 0 });
    },
  );
});

describe("verify.py", () => {
  test("has at most 80 lines", async () => {
    expect((await readFile(VERIFIER, "utf8")).trimEnd().split("\n").length).toBeLessThanOrEqual(80);
  });

  test("is ASCII, so that no shell's encoding changes it on its way into a file", async () => {
    expect(await readFile(VERIFIER, "utf8")).toMatch(/^[\n -~]+$/);
  });

  test(
    "demands nothing in vain: without any one of its demands, some forgery is believed",
    { timeout: 300_000 },
    async () => {
      const text = await readFile(VERIFIER, "utf8");
      const demands = [...text.matchAll(/^ +need\(/gm)].map(({ index }) => index);
      const folder = await mkdtemp(join(tmpdir(), "verifier-"));
      const vain: string[] = [];
      const all = attempts();
      try {
        for (const at of demands) {
          const file = join(folder, "verify.py");
          const weaker = `${text.slice(0, at)}${text.slice(at).replace("need(", "(lambda *_: None)(")}`;
          await writeFile(file, weaker);
          const demand = text.slice(at).split("\n")[0] ?? "";
          if (!demand.includes(IN_WORDS) && (await believed(file, all)) === null) vain.push(demand);
        }
      } finally {
        await rm(folder, { recursive: true });
      }
      expect(demands.length).toBeGreaterThan(15);
      expect(vain).toEqual([]);
    },
  );
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

interface Attempt {
  readonly way: string;
  readonly bytes: Uint8Array;
  readonly key: string;
}

/** Some of every way, and a key that is none. */
function attempts(): readonly Attempt[] {
  const dice = createDice(3);
  const histories = [2, 4, 10, 17].map(historyOf);
  const log = logOver(histories, dice);
  const [first] = histories;
  if (first === undefined) throw new Error("no history");
  const made: Attempt[] = [
    { way: "another key", bytes: bytesOf(bundleOf(first, log)), key: ANOTHER_KEY },
  ];
  for (let turn = 0; turn < 4; turn += 1) {
    for (const way of Object.keys(FORGERIES)) {
      const [history, other] = [dice.pick(histories), dice.pick(histories)];
      if (history === other) continue;
      const given = { history, log, dice, bundle: bundleOf(history, log) };
      const rest = { history: other, bundle: bundleOf(other, log) };
      const bytes = forged({ ...given, other: rest }, way);
      if (bytes !== null) made.push({ way, bytes, key: KEY });
    }
  }
  return made;
}

/** The first that this verifier lets through; null: none. */
async function believed(verifier: string, all: readonly Attempt[]): Promise<string | null> {
  const python = startPython(verifier);
  try {
    for (const { way, bytes, key } of all) {
      if ((await python.verify(bytes, [key])).accepted) return way;
    }
    return null;
  } finally {
    await python.stop();
  }
}
