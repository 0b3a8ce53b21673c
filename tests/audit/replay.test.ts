/** Replay from history alone: the same snapshots to the byte, and the first divergence by name. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hashLine } from "../../src/audit/entry.ts";
import { createExecutables } from "../../src/audit/executables.ts";
import { createRebuild } from "../../src/audit/rebuild.ts";
import { orderAt, replay, type Diverged } from "../../src/audit/replay.ts";
import { canonicalText } from "../../machines/document/canonical.ts";
import { parseDefinition } from "../../machines/document/parse.ts";
import { PARCEL } from "../runtime/parcel.ts";
import { executableOf, historyOf, PARCEL_EXECUTABLE } from "./history.ts";

const PAST = [
  { type: "WEIGH", payload: { weight: 2 } },
  { type: "NOTE", payload: { note: "n1", text: "ring twice" } },
  { type: "HAND_OVER" },
  { type: "timer.fired" },
  { type: "DELIVER", role: "courier" },
];

const known = (digest: string) => (digest === PARCEL_EXECUTABLE.digest ? PARCEL_EXECUTABLE : null);

function divergence(lines: readonly string[], of = known): Diverged | null {
  for (const next of replay(lines, of)) if (next.kind === "diverged") return next;
  return null;
}

/** The chain written anew, as somebody would who knows the format. */
function rechained(lines: readonly string[]): readonly string[] {
  const chained: string[] = [];
  for (const line of lines) {
    const last = chained.at(-1);
    const prev = last === undefined ? "0".repeat(64) : hashLine(last);
    chained.push(line.replace(/"prev":"[0-9a-f]{64}"/, `"prev":"${prev}"`));
  }
  return chained;
}

describe("replay", () => {
  test("gives the snapshot after every entry, byte for byte", () => {
    const { lines, snapshots } = historyOf(PAST);
    const texts = [...replay(lines, known)].map((next) =>
      next.kind === "replayed" ? next.snapshot.text : next.field,
    );
    expect(texts).toEqual(snapshots);
  });

  test("of an empty history gives nothing", () => {
    expect([...replay([], known)]).toEqual([]);
  });

  test("finds members of a member in another order, in a chain that was written anew", () => {
    const { lines } = historyOf(PAST);
    const turned = rechained(
      lines.map((line) =>
        line.replace(/"actor":\{("sub":"[^"]*"),("role":"[^"]*")/, '"actor":{$2,$1'),
      ),
    );
    expect(turned).not.toEqual(lines);
    expect(divergence(turned)).toMatchObject({ revision: 1, field: "actor" });
  });

  test("reads states and payloads that bear the names of an entry's own members", () => {
    const executable = executableOf(`
process: names
version: 1.0.0
roles: [clerk]
data: { type: object, properties: { recipient: { type: string }, kept: { type: object, additionalProperties: true, default: {} } } }
events:
  KEEP: { payload: { type: object, additionalProperties: true } }
machine:
  type: parallel
  on: { KEEP: { actions: { type: assign, params: { kept: "= event" } } } }
  states:
    first: { initial: digest, states: { digest: { on: { KEEP: before } }, before: { on: { KEEP: digest } } } }
    before: { initial: payload, states: { payload: { on: { KEEP: sealed } }, sealed: { on: { KEEP: payload } } } }
    payload: { initial: sealed, states: { sealed: {} } }
    sealed: { initial: payload, states: { payload: {} } }
`);
    const payloads = [
      { a: 1, sealed: {}, payload: { b: 2, sealed: [] }, before: null },
      { a: { b: 1, sealed: { c: 1, payload: {} } }, payload: ',"payload":{},"sealed":{}' },
      { a: ',"before":', digest: "x", before: { a: 1, payload: { b: 2, before: {} } } },
    ];
    const happenings = payloads.map((payload) => ({ type: "KEEP", payload }));
    const { lines, snapshots } = historyOf(happenings, executable);
    const replayed = [...replay(lines, () => executable)];
    expect(replayed.map((next) => (next.kind === "replayed" ? next.snapshot.text : next))).toEqual(
      snapshots,
    );
  });

  test("stops at the first divergence", () => {
    const { lines } = historyOf(PAST);
    const broken = lines.map((line, index) =>
      index === 2 ? line.replace('"v":1', '"v":2') : line,
    );
    expect([...replay(broken, known)].map(({ kind }) => kind)).toEqual([
      "replayed",
      "replayed",
      "diverged",
    ]);
  });

  test("finds any one character that was changed, removed or put in", () => {
    const { lines } = historyOf(PAST);
    const text = lines.join("\n");
    fc.assert(
      fc.property(
        fc.nat(text.length - 1),
        fc.constantFrom("change", "remove", "insert"),
        fc.string({ minLength: 1, maxLength: 1 }),
        (place, how, letter) => {
          const after = text.slice(how === "insert" ? place : place + 1);
          const altered = text.slice(0, place) + (how === "remove" ? "" : letter) + after;
          if (altered === text) return;
          const found = divergence(altered.split("\n"));
          // The last line's own hash is the head's, which stands outside the history.
          const last = [...replay(altered.split("\n"), known)].at(-1);
          const head = last?.kind === "replayed" ? last.hash : null;
          expect(found !== null || head !== hashLine(lines.at(-1) ?? "")).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("finds what somebody made up who wrote the whole chain anew", () => {
    const { lines } = historyOf(PAST);
    const made = (from: string | RegExp, to: string) => {
      const forged = rechained(lines.map((line) => line.replace(from, to)));
      return divergence(forged);
    };
    expect(made('"weight":2}', '"weight":3}')).toMatchObject({ revision: 2, field: "state" });
    expect(made('"after":{"road":"late"}', '"after":"desk"')).toMatchObject({
      revision: 5,
      field: "after",
    });
    expect(made('"role":"courier"', '"role":"clerk"')).toMatchObject({
      ...{ revision: 6, field: "type", expected: "an event that is accepted" },
      found: "DELIVER: role-not-allowed",
    });
  });

  test("refuses an entry that today's engine would not accept", () => {
    const { lines } = historyOf(PAST);
    const stricter = executableOf(PARCEL.replace("exclusiveMinimum: 0", "exclusiveMinimum: 2"));
    const found = divergence(lines, () => ({ ...stricter, digest: PARCEL_EXECUTABLE.digest }));
    expect(found).toMatchObject({ revision: 2, field: "type", found: "WEIGH: payload-invalid" });
  });

  test("asks for the definition by the digest of each entry", () => {
    const { lines } = historyOf(PAST);
    expect(divergence(lines, () => null)).toMatchObject({ revision: 1, field: "digest" });
  });
});

describe("orderAt", () => {
  const { lines, snapshots } = historyOf(PAST);
  const revisionAt = (point: Parameters<typeof orderAt>[1]) => {
    const found = orderAt(lines, point, known);
    return found?.kind === "replayed" ? found.entry.revision : found;
  };

  test("gives the order at a revision", () => {
    const found = orderAt(lines, { revision: 3 }, known);
    expect(found?.kind === "replayed" && found.snapshot.text).toBe(snapshots[2]);
  });

  test("gives the last entry at or before an instant, and null before the first", () => {
    expect(revisionAt({ time: "2026-11-22T08:00:00.999Z" })).toBe(1);
    expect(revisionAt({ time: "2026-11-22T08:00:01.000Z" })).toBe(2);
    expect(revisionAt({ time: "2030-01-01T00:00:00.000Z" })).toBe(6);
    expect(revisionAt({ time: "2026-11-22T07:59:59.999Z" })).toBe(null);
  });
});

describe("createRebuild", () => {
  const { value } = parseDefinition(PARCEL, "yaml");
  const canonical = canonicalText(value ?? {});
  const definitions = new Map([[PARCEL_EXECUTABLE.digest, canonical]]);

  test("gives the last snapshot, from lines and canonical texts alone", () => {
    const { lines, snapshots } = historyOf(PAST);
    expect(createRebuild()("id", null, lines, definitions).text).toBe(snapshots.at(-1));
  });

  test("gives no snapshot that the history does not vouch for", () => {
    const { lines } = historyOf(PAST);
    const rebuild = createRebuild();
    expect(() => rebuild("id", null, [], definitions)).toThrow("at revision 1, in line");
    expect(() => rebuild("id", null, lines.slice(1), definitions)).toThrow(
      "at revision 1, in revision",
    );
    expect(() => rebuild("id", null, lines, new Map())).toThrow("at revision 1, in digest");
  });
});

describe("createExecutables", () => {
  const { value } = parseDefinition(PARCEL, "yaml");
  const canonical = canonicalText(value ?? {});

  test("compiles once, and keeps what was used last", () => {
    const executables = createExecutables(1);
    const first = executables.compile(PARCEL_EXECUTABLE.digest, canonical);
    expect(executables.compile(first.digest, "")).toBe(first);
    executables.keep(executableOf(PARCEL.replace("version: 1.0.0", "version: 1.0.1")));
    expect(executables.get(first.digest)).toBe(null);
  });

  test("refuses a text that is not the definition of the digest", () => {
    expect(() => createExecutables().compile("0".repeat(64), canonical)).toThrow(
      "Expected the definition",
    );
  });
});
