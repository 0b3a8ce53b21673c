/**
 * Attacks evidence bundles: makes them, has them verified by the program in Python and by ours, changes them in every way,
 * and counts what passes. `npm run evidence:attack`; the exit code is 1 when anything passes that was changed.
 */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createExecutables, type Executables } from "../../src/audit/executables.ts";
import { readBundle } from "../../src/audit/evidence/read-bundle.ts";
import { replayBundle } from "../../src/audit/evidence/replay-bundle.ts";
import { verifyBundle } from "../../src/audit/evidence/verify-bundle.ts";
import { bundleOf, bytesOf, logOver, SIGNER, someOf, type EvidenceLog } from "./bundles.ts";
import { FORGERIES, forged, PROVED_KINDS, withAnotherByte, type Given } from "./forgeries.ts";
import { historyOf, type History } from "./histories.ts";
import { runVerifier, startPython, type PythonVerifier } from "./python.ts";
import { createDice, type Dice } from "./random.ts";

export interface Plan {
  readonly bundles: number;
  readonly bytes: number;
  readonly forgeries: number;
  /** Of all files, those that are verified as their reader does it: `python3 verify.py FILE KEY`. */
  readonly started: number;
  readonly seed: number;
  readonly progress: (text: string) => void;
}

interface Asked {
  /** How many were tried. */
  count: number;
  /** How many passed in Python, and in TypeScript. */
  python: number;
  ours: number;
}

export interface Attack {
  readonly bundles: Asked;
  /** Some values withheld, or all of them: of a person who was erased. */
  readonly withheld: Asked;
  readonly bytes: Asked & { readonly byKind: { readonly [kind: string]: number } };
  readonly forgeries: Asked & { readonly ways: number };
  /** In processes of their own. */
  readonly started: Asked;
  readonly entries: number;
  readonly replayed: number;
  /** Each change that somebody believed. */
  readonly passed: readonly string[];
}

const KEYS = [SIGNER.verifier.text];

export async function attack(plan: Plan): Promise<Attack> {
  const dice = createDice(plan.seed);
  const histories = Array.from({ length: plan.bundles }, (_, index) =>
    historyOf(plan.seed * 1_000_000 + index),
  );
  const log = logOver(histories, dice);
  plan.progress(`${plan.bundles} histories in a log of ${log.size} entries`);
  const python = startPython();
  try {
    const run: Run = { plan, dice, histories, log, python, passed: [] };
    const whole = await acceptAll(run);
    const bytes = await changeBytes(run);
    const forgeries = await forge(run);
    const started = await startEach(run);
    return { ...whole, bytes, forgeries, started, entries: log.size, passed: run.passed };
  } finally {
    await python.stop();
  }
}

interface Run {
  readonly plan: Plan;
  readonly dice: Dice;
  readonly histories: readonly History[];
  readonly log: EvidenceLog;
  readonly python: PythonVerifier;
  readonly passed: string[];
}

async function acceptAll({ plan, histories, log, python }: Run) {
  const bundles = nothing();
  const withheld = nothing();
  const executables = createExecutables();
  let replayed = 0;
  for (const [index, history] of histories.entries()) {
    const all = bytesOf(bundleOf(history, log));
    const some = bytesOf(bundleOf(history, log, { values: someOf(history.values, index) }));
    const none = bytesOf(bundleOf(history, log, { values: [] }));
    for (const [asked, bytes] of [
      [bundles, all],
      [withheld, some],
      [withheld, none],
    ] as const) {
      asked.count += 1;
      if ((await python.verify(bytes, KEYS)).accepted) asked.python += 1;
      if (isProved(bytes)) asked.ours += 1;
    }
    if (isReplayed(all, executables)) replayed += 1;
    if ((index + 1) % 100 === 0) plan.progress(`${index + 1} bundles verified and replayed`);
  }
  return { bundles, withheld, replayed };
}

async function changeBytes(run: Run) {
  const { plan, dice, histories, log } = run;
  const bytes = nothing();
  const byKind: { [kind: string]: number } = {};
  for (let turn = 0; bytes.count < plan.bytes; turn += 1) {
    const history = dice.pick(histories);
    const kind = PROVED_KINDS[turn % PROVED_KINDS.length] ?? "entry";
    const changed = withAnotherByte(bytesOf(bundleOf(history, log)), kind, dice);
    if (changed === null) continue;
    byKind[kind] = (byKind[kind] ?? 0) + 1;
    await tryIt(run, bytes, changed, `a byte of ${kind} in ${history.order}`);
    if (bytes.count % 1_000 === 0) plan.progress(`${bytes.count} bytes changed`);
  }
  return { ...bytes, byKind };
}

async function forge(run: Run) {
  const { plan, dice, histories, log } = run;
  const ways = Object.keys(FORGERIES);
  const forgeries = nothing();
  for (let turn = 0; forgeries.count < plan.forgeries; turn += 1) {
    const way = ways[turn % ways.length] ?? "";
    const made = forged(givenBy(histories, log, dice), way);
    if (made !== null) await tryIt(run, forgeries, made, way);
  }
  plan.progress(`${forgeries.count} forgeries in ${ways.length} ways`);
  return { ...forgeries, ways: ways.length };
}

function givenBy(histories: readonly History[], log: EvidenceLog, dice: Dice): Given {
  const history = dice.pick(histories);
  const others = histories.filter(({ order }) => order !== history.order);
  const other = dice.pick(others);
  return {
    ...{ history, log, dice, bundle: bundleOf(history, log) },
    other: { history: other, bundle: bundleOf(other, log) },
  };
}

async function tryIt(run: Run, asked: Asked, bytes: Uint8Array, what: string): Promise<void> {
  asked.count += 1;
  const { accepted } = await run.python.verify(bytes, KEYS);
  const ours = isProved(bytes);
  if (accepted) asked.python += 1;
  if (ours) asked.ours += 1;
  if (accepted || ours) run.passed.push(`${what}, by ${accepted ? "Python" : "ours"}`);
}

/** As the readme says to do it: half of them whole, half changed. */
async function startEach({ plan, dice, histories, log, passed }: Run): Promise<Asked> {
  const asked = nothing();
  const folder = await mkdtemp(join(tmpdir(), "evidence-"));
  const file = join(folder, "bundle.ndjson");
  try {
    for (let turn = 0; turn < plan.started; turn += 1) {
      const original = bytesOf(bundleOf(dice.pick(histories), log));
      await writeFile(file, original);
      const whole = await runVerifier(file, KEYS);
      if (!whole.accepted) throw new Error(`verify.py refuses what it should not: ${whole.said}`);
      const changed = withAnotherByte(original, dice.pick(PROVED_KINDS), dice);
      if (changed === null) continue;
      await writeFile(file, changed);
      asked.count += 1;
      const verdict = await runVerifier(file, KEYS);
      if (verdict.accepted) {
        asked.python += 1;
        passed.push("a byte, by verify.py in a process of its own");
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return asked;
}

function isProved(bytes: Uint8Array): boolean {
  const read = readBundle(bytes);
  return read.kind === "bundle" && verifyBundle(read.bundle, [SIGNER.verifier]).kind === "proved";
}

function isReplayed(bytes: Uint8Array, executables: Executables): boolean {
  const read = readBundle(bytes);
  const proved = read.kind === "bundle" ? verifyBundle(read.bundle, [SIGNER.verifier]) : read;
  if (read.kind !== "bundle" || proved.kind !== "proved") return false;
  return replayBundle(read.bundle, proved, executables).kind === "follows";
}

function nothing(): Asked {
  return { count: 0, python: 0, ours: 0 };
}
