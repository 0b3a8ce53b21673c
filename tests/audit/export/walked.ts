/** Histories of the shipped processes as random walks make them: orders to be exported, with personal values sealed. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Executable } from "../../../machines/compile/executable.ts";
import type { JsonObject } from "../../../machines/json.ts";
import { formatInstant } from "../../../machines/time/instant.ts";
import type { ExportedOrder } from "../../../src/audit/export/ocel.ts";
import { vocabularyOf, type Vocabulary } from "../../../src/audit/export/vocabulary.ts";
import { applyEvent, applyStart, type Applied } from "../../../src/runtime/apply.ts";
import { stepOf } from "../../../src/runtime/position.ts";
import type { StoredOrder } from "../../../src/store/store.ts";
import { storedAfter } from "../../walks/stored.ts";
import { nextTurn, repertoireOf, tapeOf, type Repertoire } from "../../walks/walk.ts";
import { executableOf } from "../history.ts";

const FOLDER = new URL("../../../definitions/", import.meta.url).pathname;

export interface Walker {
  readonly executable: Executable;
  readonly source: string;
  readonly vocabulary: Vocabulary;
  readonly repertoire: Repertoire;
}

export interface Walked {
  readonly order: ExportedOrder;
  readonly executable: Executable;
  readonly entries: readonly StoredOrder[];
  readonly lines: readonly {
    readonly line: string;
    readonly hash: string;
    readonly type: string;
  }[];
}

export function walkerOf(process: string): Walker {
  const source = readFileSync(`${FOLDER}${process}/1.0.0.yaml`, "utf8");
  const executable = executableOf(source);
  return {
    ...{ executable, source },
    vocabulary: vocabularyOf(executable, (value) => stepOf(executable.order, value)),
    repertoire: repertoireOf(`${FOLDER}${process}/1.0.0.scenarios.yaml`),
  };
}

/** The same seed gives the same walk for ever. */
export function walk({ executable, repertoire }: Walker, seed: number, length = 60): Walked {
  const drawn = createHash("sha256").update(`walk ${seed}`).digest();
  const tape = tapeOf([0, 4, 8].map((offset) => drawn.readUInt32LE(offset)));
  const random = countingSalt(seed);
  const scenario = tape() % repertoire.beginnings.length;
  const chosen = repertoire.beginnings[scenario];
  const road: readonly JsonObject[] = repertoire.roads[scenario] ?? [];
  if (chosen === undefined) throw new Error("no beginning");
  const id = idOf(seed);
  const { businessKey, centre, data, actor } = chosen.begin;
  const beginning = { identity: { id, businessKey, centre }, data, actor, testClock: null };
  const started = applyStart(executable, formatInstant(chosen.at), beginning, random);
  if (started.kind === "rejected") throw new Error(started.detail);
  let last: Applied = started;
  let stored = storedAfter(id, started.write);
  const lines = [linesOf(started)];
  const entries = [stored];
  for (let n = 0; n < length; n += 1) {
    const turn = nextTurn(executable, repertoire, last.order, road[n], tape);
    if (turn === null) break;
    const at = formatInstant(Math.max(turn.at, stored.at));
    const applied = applyEvent(executable, stored, at, turn.attempt, random);
    if (applied.kind === "rejected") continue;
    last = applied;
    stored = storedAfter(id, applied.write);
    lines.push(linesOf(applied));
    entries.push(stored);
  }
  const { process } = executable;
  const { outcome } = last.order.snapshot;
  return { order: { id, process, businessKey, centre, outcome }, executable, entries, lines };
}

function linesOf({ write: { entry } }: Applied): Walked["lines"][number] {
  return { line: entry.line, hash: entry.hash, type: entry.type };
}

function idOf(seed: number): string {
  return `01938f6e-0000-7000-8000-${seed.toString(16).padStart(12, "0")}`;
}

/** As if it were random: another one at each call, and the same at each run. */
function countingSalt(seed: number): (size: number) => Uint8Array {
  let count = 0;
  return (size) => {
    count += 1;
    return createHash("sha256").update(`${seed}/${count}`).digest().subarray(0, size);
  };
}
