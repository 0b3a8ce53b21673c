/** Whole visits of the flagship: no byte of their histories can be another one without being found. */

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judge } from "../../machines/compile/judge.ts";
import { formatInstant } from "../../machines/time/instant.ts";
import { parseLine } from "../../src/audit/parse-line.ts";
import { replay, replayNext, type Replayed } from "../../src/audit/replay.ts";
import { applyEvent, applyStart, type Applied } from "../../src/runtime/apply.ts";
import { storedAfter } from "../walks/stored.ts";
import { nextTurn, repertoireOf } from "../walks/walk.ts";

const FLAGSHIP = new URL("../../definitions/service-visit/1.0.0", import.meta.url).pathname;
const ID = "01938f6e-0000-7000-8000-000000000000";

const { executable } = judge(readFileSync(`${FLAGSHIP}.yaml`, "utf8"), "yaml");
if (executable === null) throw new Error("the flagship has errors");
const repertoire = repertoireOf(`${FLAGSHIP}.scenarios.yaml`);
const executableOf = () => executable;

/** The longest stories that are told, as far as each goes by itself. */
const stories = repertoire.roads
  .map((_, scenario) => linesOf(scenario))
  .toSorted((a, b) => b.length - a.length)
  .slice(0, 3);

function linesOf(scenario: number): readonly string[] {
  const chosen = repertoire.beginnings[scenario];
  if (chosen === undefined || executable === null) throw new Error("no such scenario");
  const { businessKey, centre, data, actor } = chosen.begin;
  const identity = { id: ID, businessKey, centre };
  let drawn = 0;
  const salt = (): Uint8Array => new Uint8Array(32).fill((drawn += 1));
  const beginning = { identity, data, actor, testClock: null };
  const started = applyStart(executable, formatInstant(chosen.at), beginning, salt);
  if (started.kind === "rejected") throw new Error(started.detail);
  let { order } = started;
  const writes: Applied["write"][] = [started.write];
  for (const road of repertoire.roads[scenario] ?? []) {
    const last = writes.at(-1);
    const turn = nextTurn(executable, repertoire, order, road, () => 1);
    if (turn === null || last === undefined) break;
    const stored = storedAfter(ID, last);
    const at = formatInstant(Math.max(turn.at, stored.at));
    const applied = applyEvent(executable, stored, at, turn.attempt, salt);
    if (applied.kind === "rejected") continue;
    order = applied.order;
    writes.push(applied.write);
  }
  return writes.map(({ entry }) => entry.line);
}

const histories = stories.map((lines) => {
  const replayed = [...replay(lines, executableOf)].map((next): Replayed => {
    if (next.kind === "diverged") throw new Error(JSON.stringify(next));
    return next;
  });
  return { lines, replayed };
});

describe("a history of the flagship", () => {
  test("is long", () => {
    expect(Math.min(...stories.map(({ length }) => length))).toBeGreaterThan(40);
  });

  test("is replayed with the entries that its lines hold", () => {
    for (const { lines, replayed } of histories) {
      for (const [index, line] of lines.entries()) {
        expect(parseLine(line)).toEqual({ kind: "entry", entry: replayed[index]?.entry });
        expect(JSON.stringify(replayed[index]?.entry)).toBe(line);
      }
    }
  });

  test("has no byte that can be another one, be left out or be doubled", () => {
    const how = fc.constantFrom("change", "remove", "double");
    const story = fc.nat(histories.length - 1);
    fc.assert(
      fc.property(story, fc.nat(), fc.nat(), fc.nat(254), how, (told, row, column, by, way) => {
        const history = histories[told];
        if (history === undefined) throw new Error("no such story");
        const index = row % history.lines.length;
        const bytes = Buffer.from(history.lines[index] ?? "");
        const place = column % bytes.length;
        const byte = bytes[place] ?? 0;
        const between = { change: [(byte + 1 + by) % 256], remove: [], double: [byte, byte] }[way];
        const altered = Buffer.concat([
          ...[bytes.subarray(0, place), Buffer.from(between), bytes.subarray(place + 1)],
        ]).toString();
        expect(isFound(history, index, altered)).toBe(true);
      }),
      { numRuns: 4_000 },
    );
  });

  test("is found out where a line is written in another way that means the same", () => {
    const ways: readonly ((line: string) => string)[] = [
      (line) => line.replace('"v":1', '"v":1.0'),
      (line) => line.replace('"v":1', '"v":2,"v":1'),
      (line) => line.replace('"payload":{', '"payload":{},"payload":{'),
      (line) => line.replace(/,"sealed":(\{.*?\}),/, ',"sealed":{},"sealed":$1,'),
      (line) => line.replace('"timers":', ' "timers":'),
      (line) => `${line} `,
      (line) => line.replace('"effects"', String.raw`"effect\u0073"`),
    ];
    for (const { lines, replayed } of histories) {
      for (const [index, line] of lines.entries()) {
        for (const [way, write] of ways.entries()) {
          const next = replayNext(replayed[index - 1] ?? null, write(line), executableOf);
          expect(next, `way ${way}, revision ${index + 1}`).toMatchObject({
            ...{ kind: "diverged", field: "line", revision: index + 1 },
          });
        }
      }
    }
  });
});

/** At the line itself, or at the next one, whose `prev` is another; of the last line the head tells, outside the history. */
function isFound({ lines, replayed }: (typeof histories)[number], index: number, altered: string) {
  const next = replayNext(replayed[index - 1] ?? null, altered, executableOf);
  if (next.kind === "diverged") return true;
  // What was replayed is what is written, whoever wrote it: never what should have been.
  if (JSON.stringify(next.entry) !== altered || next.hash === replayed[index]?.hash) return false;
  const after = lines[index + 1];
  return after === undefined || replayNext(next, after, executableOf).kind === "diverged";
}
