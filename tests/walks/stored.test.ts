/**
 * Random walks through the store: what a database gives back, with snapshots or after all of them were deleted, is
 * byte for byte what its history replays to.
 */

import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { judge } from "../../machines/compile/judge.ts";
import { formatInstant } from "../../machines/time/instant.ts";
import { createRebuild } from "../../src/audit/rebuild.ts";
import { replay } from "../../src/audit/replay.ts";
import { applyEvent, applyStart, orderOf } from "../../src/runtime/apply.ts";
import type { Applied } from "../../src/runtime/apply.ts";
import { createExecutables } from "../../src/audit/executables.ts";
import { createDefinitions, createLibrary } from "../../src/runtime/definitions.ts";
import { uuidv7 } from "../../src/runtime/ids.ts";
import { inLanes } from "../../src/runtime/lanes.ts";
import { projectionOf } from "../../src/runtime/projection.ts";
import { systemClock } from "../../src/runtime/platform.ts";
import type { Decision, Store, StoredOrder } from "../../src/store/store.ts";
import { describeOnDatabases } from "../support/databases.ts";
import { openIn, placesOf } from "./tasks.ts";
import { nextTurn, repertoireOf, tapeOf } from "./walk.ts";
import type { Turn } from "./walk.ts";

const FOLDER = new URL("../../definitions/service-visit/", import.meta.url).pathname;
const WALKS = Number(process.env["WALKS"] ?? 100);
const LENGTH = 60;
const LANES = 8;
const EVERYWHERE = { centres: "*" } as const;

const source = { text: readFileSync(`${FOLDER}1.0.0.yaml`, "utf8"), format: "yaml" } as const;
const { executable } = judge(source.text, source.format);
if (executable === null) throw new Error("service-visit has errors");
const definition = executable;
/** Compiled once for all walks. */
const executables = createExecutables();
const repertoire = repertoireOf(`${FOLDER}1.0.0.scenarios.yaml`);

describeOnDatabases("random walks through the store", (open) => {
  test(`${WALKS} walks replay to what is stored, snapshots deleted or not, tasks included`, async () => {
    const store = await open({ rebuild: createRebuild() });
    const admin = { sub: "admin", roles: ["admin"], centres: null };
    const published = await createDefinitions(store).publish(admin, source);
    expect(published.kind).toBe("ok");
    const tapes = fc.sample(fc.array(fc.nat(), { minLength: 8, maxLength: 64 }), {
      numRuns: WALKS,
      seed: 2026,
    });
    let entries = 0;
    let forgotten = 0;
    await inLanes(tapes, LANES, new AbortController().signal, async (numbers) => {
      const walked = await walk(store, numbers);
      entries += walked.entries;
      forgotten += walked.forgotten;
    });
    console.log(
      `${store.kind}: ${WALKS} walks, ${entries} entries, ${forgotten} snapshots rebuilt`,
    );
  }, 3_600_000);
});

async function walk(store: Store, numbers: readonly number[]) {
  const tape = tapeOf(numbers);
  const id = uuidv7({ clock: systemClock, random: randomBytes });
  const texts: string[] = [];
  let forgotten = 0;
  const scenario = tape() % repertoire.beginnings.length;
  const road = repertoire.roads[scenario] ?? [];
  texts.push(await begin(store, id, scenario));
  for (let n = 0; n < LENGTH; n += 1) {
    if (tape() % 8 === 0) {
      await expectTasks(store, id);
      await store.orders.forgetSnapshots(id);
      forgotten += 1;
    }
    const current = await store.orders.get(id, EVERYWHERE);
    if (current === null) throw new Error("the order is gone");
    expect(current.snapshot.text).toBe(texts.at(-1));
    const turn = nextTurn(definition, repertoire, orderOf(current), road[n], tape);
    if (turn === null) break;
    const text = await store.change(id, (stored) => decide(stored, turn));
    if (text !== null) texts.push(text);
  }
  await expectTasks(store, id);
  const history = await store.orders.history(id, { after: 0, limit: 500 }, EVERYWHERE);
  const replayed = [
    ...replay(
      history.map(({ line }) => line),
      (digest) => (digest === definition.digest ? definition : null),
    ),
  ];
  expect(replayed.map((each) => (each.kind === "replayed" ? each.snapshot.text : each))).toEqual(
    texts,
  );
  return { entries: texts.length, forgotten };
}

/** The table holds what the snapshot says is open, as the history says it was opened. */
async function expectTasks(store: Store, id: string): Promise<void> {
  const stored = await store.orders.get(id, EVERYWHERE);
  if (stored === null) throw new Error("the order is gone");
  const { items } = await store.tasks.list({ orderId: id, limit: 500 }, EVERYWHERE);
  expect(placesOf(items)).toEqual(openIn(definition, orderOf(stored).snapshot));
  const told = await projectionOf({ store, library: createLibrary(store, executables) }, stored);
  const held = items.map(({ order: _order, assignee: _assignee, ...task }) => task);
  expect(byId(held)).toEqual(byId(told?.tasks ?? []));
}

function byId<Task extends { readonly id: string }>(tasks: readonly Task[]): readonly Task[] {
  return tasks.toSorted((one, other) => one.id.localeCompare(other.id));
}

async function begin(store: Store, id: string, scenario: number): Promise<string> {
  const chosen = repertoire.beginnings[scenario];
  if (chosen === undefined) throw new Error("no beginning");
  const { businessKey, centre, data, actor } = chosen.begin;
  const beginning = { identity: { id, businessKey, centre }, data, actor, testClock: null };
  const text = await store.change(id, () =>
    written(applyStart(definition, formatInstant(chosen.at), beginning, randomBytes)),
  );
  if (text === null) throw new Error("the beginning was refused");
  return text;
}

/** The walk brings its own instants: the store asks only that they never go back. */
function decide(stored: StoredOrder | null, turn: Turn): Decision<string | null> {
  if (stored === null) throw new Error("the order is gone");
  const at = formatInstant(Math.max(turn.at, stored.at));
  return written(applyEvent(definition, stored, at, turn.attempt, randomBytes));
}

function written(applied: Applied | { readonly kind: "rejected" }): Decision<string | null> {
  if (applied.kind === "rejected") return { kind: "leave", result: null };
  // Whom the values are of is nothing to the walk.
  const write = { ...applied.write, sealed: [] };
  return { kind: "write", write, result: write.order.snapshot.text };
}
