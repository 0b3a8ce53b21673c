/** Random walks in memory: what is kept in memory, what is read back from text and what is replayed never differ. */

import { readFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judge } from "../../machines/compile/judge.ts";
import type { Order } from "../../machines/order.ts";
import { formatInstant } from "../../machines/time/instant.ts";
import { snapshotText } from "../../src/audit/snapshot.ts";
import { replay } from "../../src/audit/replay.ts";
import { applyEvent, applyStart } from "../../src/runtime/apply.ts";
import { tasksAfter } from "../../src/runtime/open-tasks.ts";
import type { StoredOrder } from "../../src/store/store.ts";
import { step } from "../../machines/step/step.ts";
import { storedAfter } from "./stored.ts";
import { openIn, placesOf } from "./tasks.ts";
import { nextTurn, repertoireOf, tapeOf } from "./walk.ts";

const FOLDER = new URL("../../definitions/", import.meta.url).pathname;
const WALKS = Number(process.env["WALKS"] ?? 300);
const LENGTH = 60;
const ID = "01938f6e-0000-7000-8000-000000000000";

describe.each(["service-visit", "traditional-4s"])("random walks through %s", (process_) => {
  const text = readFileSync(`${FOLDER}${process_}/1.0.0.yaml`, "utf8");
  const { executable } = judge(text, "yaml");
  if (executable === null) throw new Error(`${process_} has errors`);
  const repertoire = repertoireOf(`${FOLDER}${process_}/1.0.0.scenarios.yaml`);
  const walked = { entries: 0, refused: 0, ended: 0, tasks: 0, states: new Set<string>() };

  test(`${WALKS} walks: memory, text and replay agree after every entry, byte for byte, and so do its tasks`, () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 8, maxLength: 64 }), (numbers) => {
        const tape = tapeOf(numbers);
        const lines: string[] = [];
        const texts: string[] = [];
        const scenario = tape() % repertoire.beginnings.length;
        const chosen = repertoire.beginnings[scenario];
        const road = repertoire.roads[scenario] ?? [];
        if (chosen === undefined) throw new Error("no beginning");
        const { businessKey, centre, data, actor } = chosen.begin;
        const beginning = {
          identity: { id: ID, businessKey, centre },
          data,
          actor,
          testClock: null,
        };
        const started = applyStart(executable, formatInstant(chosen.at), beginning, randomBytes);
        if (started.kind === "rejected") throw new Error(started.detail);
        let stored: StoredOrder = storedAfter(ID, started.write);
        let memory: Order = started.order;
        let tasks = tasksAfter([], started.write.tasks);
        lines.push(started.write.entry.line);
        texts.push(stored.snapshot.text);
        for (let n = 0; n < LENGTH; n += 1) {
          const turn = nextTurn(executable, repertoire, memory, road[n], tape);
          if (turn === null) break;
          const at = formatInstant(Math.max(turn.at, stored.at));
          const applied = applyEvent(executable, stored, at, turn.attempt, randomBytes);
          if (applied.kind === "rejected") {
            walked.refused += 1;
            continue;
          }
          const { line } = applied.write.entry;
          const { type, payload, actor: sender } = JSON.parse(line);
          const inMemory = step(executable, memory, { type, payload, actor: sender }, at);
          if (inMemory.kind === "rejected") throw new Error(`memory refuses: ${inMemory.detail}`);
          expect(snapshotText(inMemory.order.snapshot)).toBe(applied.write.order.snapshot.text);
          memory = inMemory.order;
          tasks = tasksAfter(tasks, applied.write.tasks);
          expect(placesOf(tasks)).toEqual(openIn(executable, memory.snapshot));
          walked.tasks += applied.write.tasks.opened.length;
          stored = storedAfter(ID, applied.write);
          lines.push(line);
          texts.push(stored.snapshot.text);
          walked.states.add(JSON.stringify(memory.snapshot.value));
        }
        walked.entries += lines.length;
        if (memory.snapshot.status === "done") walked.ended += 1;
        const replayed = [
          ...replay(lines, (digest) => (digest === executable.digest ? executable : null)),
        ];
        expect(
          replayed.map((each) => (each.kind === "replayed" ? each.snapshot.text : each)),
        ).toEqual(texts);
      }),
      { numRuns: WALKS, seed: 2026 },
    );
    console.log(
      `${process_}: ${WALKS} walks, ${walked.entries} entries, ${walked.refused} refused, ${walked.ended} ended, ${walked.tasks} tasks, ${walked.states.size} configurations`,
    );
  }, 3_600_000);
});
