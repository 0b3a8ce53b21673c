/** A thousand orders that wander over three versions: each history replays to the byte, and nothing in it can be changed. */

import { describe, expect, test } from "vitest";
import type { Executable } from "../../machines/compile/executable.ts";
import { compileRules } from "../../machines/migrate/rules.ts";
import { newlySeparated } from "../../machines/migrate/migrate.ts";
import { epochMs, formatInstant } from "../../machines/time/instant.ts";
import { parseLine } from "../../src/audit/parse-line.ts";
import { replay } from "../../src/audit/replay.ts";
import { createSenders, mistold } from "../../src/audit/senders.ts";
import { applyEvent, applyStart, type Applied } from "../../src/runtime/apply.ts";
import { applyMigration } from "../../src/runtime/apply-migration.ts";
import { storedAfter } from "../walks/stored.ts";
import { nextTurn, tapeOf, type Repertoire, type Tape } from "../walks/walk.ts";
import { executableOf } from "./history.ts";
import { THREE_VERSIONS, type Versions } from "./three-versions.ts";

/** A thousand take half a minute: `MIGRATED_ORDERS=1000`. */
const ORDERS = Number(process.env["MIGRATED_ORDERS"] ?? "200");
const TURNS = 24;
/** Whose migrations are altered, each in several ways. */
const FEW = 10;

const salt = (size: number): Uint8Array => crypto.getRandomValues(new Uint8Array(size));

interface Walked {
  readonly lines: readonly string[];
  readonly snapshots: readonly string[];
  readonly migrations: number;
  readonly refusals: readonly string[];
}

/** Versions of one process with the ways between them compiled. */
function roomOf({ texts, rules }: Versions) {
  const executables = texts.map(executableOf);
  const ways = new Map(
    Object.entries(rules).map(([way, written]) => {
      const [from, to] = way.split(">").map((at) => executables[Number(at)]);
      if (from === undefined || to === undefined) throw new Error(way);
      const compiled = compileRules({ from, to }, written);
      expect(compiled.findings).toEqual([]);
      return [way, { from, to, rules: compiled.rules }] as const;
    }),
  );
  const roles = executables.flatMap((each) => each.roles);
  const actors = [...new Set(roles)].flatMap((role) => [
    { sub: `${role}-1`, role, centre: null },
    { sub: `${role}-2`, role, centre: null },
  ]);
  const nothing = { roads: [], beginnings: [], payloads: new Map(), outputs: new Map() };
  const repertoire: Repertoire = { actors, ...nothing };
  return { executables, ways, repertoire };
}

function walked(room: ReturnType<typeof roomOf>, id: string, tape: Tape): Walked {
  const { executables, ways, repertoire } = room;
  const [actor] = repertoire.actors;
  let place = tape() % executables.length;
  const executable = executables[place];
  if (actor === undefined || executable === undefined) throw new Error("an empty room");
  const beginning = {
    identity: { id, businessKey: null, centre: null },
    data: executable.process === "parcel" ? { recipient: "Ada" } : {},
    ...{ actor, testClock: null },
  };
  const started = applyStart(executable, "2026-11-22T08:00:00.000Z", beginning, salt);
  if (started.kind === "rejected") throw new Error(started.detail);
  const applied: Applied[] = [started];
  const refusals: string[] = [];
  const senders = createSenders();
  let migrations = 0;
  for (let turn = 0; turn < TURNS; turn += 1) {
    const last = applied.at(-1);
    if (last === undefined || last.order.snapshot.status === "done") break;
    const read = parseLine(last.write.entry.line);
    if (read.kind === "entry" && last !== applied.at(-2)) senders.note(read.entry);
    const current = storedAfter(id, last.write);
    const now = executables[place];
    if (now === undefined) break;
    let next;
    if (tape() % 4 === 0) {
      const to = tape() % 2 === 0 ? place + 1 : place - 1;
      const way = ways.get(`${place}>${to}`);
      if (way === undefined) continue;
      const asked = newlySeparated(way);
      const known = asked.map((event) => [event, senders.of(event)] as const);
      next = applyMigration(
        way,
        current,
        {
          ...{ rules: way.rules, about: {}, actor: { sub: "root", role: "admin", centre: null } },
          now: formatInstant(epochMs(last.order.at) + 1_000),
          performers: Object.fromEntries(known.filter(([, who]) => who.length > 0)),
        },
        salt,
      );
      if (next.kind === "applied") {
        place = to;
        migrations += 1;
      }
    } else {
      const taken = nextTurn(now, repertoire, last.order, undefined, tape);
      if (taken === null) break;
      next = applyEvent(now, current, formatInstant(taken.at), taken.attempt, salt);
    }
    if (next.kind === "applied") applied.push(next);
    else refusals.push(next.code);
  }
  return {
    lines: applied.map(({ write }) => write.entry.line),
    snapshots: applied.map(({ write }) => write.order.snapshot.text),
    ...{ migrations, refusals },
  };
}

/** Of a whole history, as `verify` does: replayed, and its migrations held against who did what. */
function provenSnapshots(
  lines: readonly string[],
  executables: readonly Executable[],
): readonly string[] | string {
  const byDigest = new Map(executables.map((each) => [each.digest, each]));
  const of = (digest: string): Executable | null => byDigest.get(digest) ?? null;
  const senders = createSenders();
  const snapshots: string[] = [];
  let from: Executable | null = null;
  for (const next of replay(lines, of)) {
    if (next.kind === "diverged")
      return `${next.revision} ${next.field}: ${next.expected} ${next.found}`;
    const to = of(next.order.digest);
    const untold = to === null ? null : mistold(senders, next, from, to);
    if (untold !== null) return `${untold.revision} ${untold.field}`;
    senders.note(next.entry);
    snapshots.push(next.snapshot.text);
    from = to;
  }
  return snapshots;
}

describe.each(THREE_VERSIONS)("orders of three versions of $process", (versions) => {
  const room = roomOf(versions);
  const walks = Array.from({ length: ORDERS / 2 }, (_, at) =>
    walked(room, `o${at}`, tapeOf([at, 17 * at + 3, 5 * at + 1])),
  );

  test("replay to the byte, migrations included", () => {
    const migrations = walks.reduce((sum, walk) => sum + walk.migrations, 0);
    const entries = walks.reduce((sum, walk) => sum + walk.lines.length, 0);
    console.log(`${walks.length} orders, ${entries} entries, ${migrations} migrations`);
    expect(migrations).toBeGreaterThan(walks.length);
    for (const { lines, snapshots } of walks) {
      expect(provenSnapshots(lines, room.executables)).toEqual(snapshots);
    }
  });

  test("are refused a migration for reasons that rules or the order can change", () => {
    const refused = new Set(walks.flatMap(({ refusals }) => refusals));
    expect([...refused].filter((code) => code === "definition-mismatch")).toEqual([]);
  });

  test("prove of each migration what it says", () => {
    const altered = walks.slice(0, FEW).flatMap(({ lines }) =>
      lines.flatMap((line, at) => {
        if (!line.includes('"type":"order.migrated"')) return [];
        const entry = JSON.parse(line);
        const { payload } = entry;
        return [
          { ...payload, from: { ...payload.from, version: "9.9.9" } },
          { ...payload, from: payload.to },
          {
            ...payload,
            performers: { ...payload.performers, DELIVER: ["somebody"], START: ["somebody"] },
          },
          { ...payload, drop: [...(payload.drop ?? []), "weight", "note"] },
          { ...payload, states: { ...payload.states, "": ["nowhere"] } },
          { ...payload, more: 1 },
        ].map((changed) => [...lines.slice(0, at), JSON.stringify({ ...entry, payload: changed })]);
      }),
    );
    expect(altered.length).toBeGreaterThan(100);
    const believed = altered.filter(
      (lines) => typeof provenSnapshots(lines, room.executables) !== "string",
    );
    expect(believed).toEqual([]);
  });
});
