/** A log signs whatever its server writes: what a bundle that is rightly signed says falsely is found by replaying it. */

import { describe, expect, test } from "vitest";
import { canonicalText } from "../../../machines/document/canonical.ts";
import { parseDefinition } from "../../../machines/document/parse.ts";
import type { Actor, Order, StepResult } from "../../../machines/order.ts";
import { start } from "../../../machines/step/start.ts";
import { step } from "../../../machines/step/step.ts";
import { entryLine, entryOf, hashLine, NO_LINE, type Entry } from "../../../src/audit/entry.ts";
import { readBundle } from "../../../src/audit/evidence/read-bundle.ts";
import { replayBundle } from "../../../src/audit/evidence/replay-bundle.ts";
import { checkRules } from "../../../src/audit/evidence/rules.ts";
import { verifyBundle } from "../../../src/audit/evidence/verify-bundle.ts";
import { snapshotOf } from "../../../src/audit/snapshot.ts";
import { bundleOf, bytesOf, logOver, SIGNER } from "../../evidence/bundles.ts";
import { createDice } from "../../evidence/random.ts";
import { executableOf } from "../history.ts";

const REVIEW = `
process: review
version: 1.0.0
roles: [author, editor]
data: { type: object, properties: { reminders: { type: integer, default: 0 } } }
events: { SUBMIT: { by: [author] }, APPROVE: { by: [author, editor] } }
effects: { remind: { payload: { type: object, properties: { times: { type: integer } } } } }
separation: [{ event: APPROVE, in: review.waiting, notBy: [SUBMIT] }]
machine:
  initial: draft
  states:
    draft: { on: { SUBMIT: review } }
    review:
      initial: waiting
      states:
        waiting:
          on: { APPROVE: '#done' }
          after:
            PT1H:
              target: waiting
              reenter: true
              actions:
                - { type: remind, params: { times: '= reminders + 1' } }
                - { type: assign, params: { reminders: '= reminders + 1' } }
    done: { id: done, type: final }
`;

const executable = executableOf(REVIEW);
const known = (digest: string) => (digest === executable.digest ? executable : null);
const canonical = canonicalText(parseDefinition(REVIEW, "yaml").value ?? {});
const order = "01938f6e-0000-7000-8000-00000000e71d";
const ann = { sub: "ann", role: "author", centre: null };
const bob = { sub: "bob", role: "editor", centre: null };
const engine = { sub: "sevenstep", role: "system", centre: null };

/** Submitted by ann, reminded of once, approved by bob. */
const TRUTH = truth();

function truth(): readonly Entry[] {
  const entries: Entry[] = [];
  let current: Order | null = null;
  const took = (type: string, payload: Entry["payload"], actor: Actor, stepped: StepResult) => {
    if (stepped.kind === "rejected") throw new Error(stepped.detail);
    const last = entries.at(-1);
    const happened = {
      prev: last === undefined ? NO_LINE : hashLine(entryLine(last)),
      ...{ before: current, event: { type, payload, actor }, sealed: {}, stepped },
      snapshot: snapshotOf(stepped.order.snapshot),
    };
    entries.push(entryOf(happened));
    current = stepped.order;
    return stepped.order;
  };
  const sent = (before: Order, type: string, payload: Entry["payload"], actor: Actor, at: string) =>
    took(type, payload, actor, step(executable, before, { type, payload, actor }, at));
  const { process, version } = executable;
  const identity = { id: order, businessKey: null, centre: null };
  const data = executable.data.withDefaults({});
  const began = took(
    "order.started",
    { process, version, businessKey: null, centre: null, data },
    ann,
    start(executable, { identity, data, actor: ann }, "2026-11-22T08:00:00.000Z"),
  );
  const submitted = sent(began, "SUBMIT", {}, ann, "2026-11-22T08:10:00.000Z");
  const [timer] = submitted.snapshot.timers;
  const reminded = sent(
    submitted,
    "timer.fired",
    { timer: timer?.id ?? "" },
    engine,
    "2026-11-22T09:10:00.000Z",
  );
  sent(reminded, "APPROVE", {}, bob, "2026-11-22T09:20:00.000Z");
  return entries;
}

/** The log is right, and what is in it is not: an entry was written so, and all hashes after it. */
function lie(revision: number, change: (entry: Entry) => Entry): readonly Entry[] {
  let prev = NO_LINE;
  return TRUTH.map((entry) => {
    const told: Entry = { ...(entry.revision === revision ? change(entry) : entry), prev };
    prev = hashLine(entryLine(told));
    return told;
  });
}

function verdictOn(entries: readonly Entry[]) {
  const history = {
    ...{ order, entries, values: [], lines: entries.map(entryLine) },
    definitions: new Map([[executable.digest, canonical]]),
  };
  const read = readBundle(bytesOf(bundleOf(history, logOver([history], createDice(1)))));
  if (read.kind === "refuted") return read;
  const proved = verifyBundle(read.bundle, [SIGNER.verifier]);
  return proved.kind === "refuted" ? proved : replayBundle(read.bundle, proved);
}

const LIES: {
  readonly [what: string]: readonly [number, (entry: Entry) => Entry, string, string];
} = {
  "a state that does not follow": [
    2,
    (entry) => ({ ...entry, state: "a".repeat(64) }),
    "entry 2, state",
    "",
  ],
  "an approval by who submitted": [
    4,
    (entry) => ({ ...entry, actor: { ...ann, role: "editor" } }),
    "entry 4, type",
    "entry 4, actor",
  ],
  "a timer that fired before it was due": [
    3,
    (entry) => ({ ...entry, at: "2026-11-22T09:09:59.999Z" }),
    "entry 3, type",
    "entry 3, at",
  ],
  "a timer that was never set": [
    3,
    (entry) => ({ ...entry, payload: { timer: "another" } }),
    "entry 3, type",
    "entry 3, payload",
  ],
  "an effect that no definition declares": [
    3,
    (entry) => ({ ...entry, effects: [...entry.effects, { type: "pay", params: { to: "eve" } }] }),
    "entry 3, effects",
    "entry 3, effects",
  ],
  "an effect that did not happen": [
    2,
    (entry) => ({ ...entry, effects: [{ type: "remind", params: { times: 9 } }] }),
    "entry 2, effects",
    "",
  ],
  "an event that nobody may send": [
    4,
    (entry) => ({ ...entry, actor: { ...bob, role: "cleaner" } }),
    "entry 4, type",
    "",
  ],
  "an instant before the one before it": [
    4,
    (entry) => ({ ...entry, at: "2026-11-22T08:00:00.000Z" }),
    "entry 4, at",
    "",
  ],
  "another definition than the one that it began under": [
    4,
    (entry) => ({ ...entry, digest: "a".repeat(64) }),
    "definition 2",
    "entry 4, digest",
  ],
};

describe("a bundle that the log has signed", () => {
  test("follows from its events, and the rules that held are counted", () => {
    expect(verdictOn(TRUTH)).toMatchObject({
      kind: "follows",
      rules: { separations: 1, timers: 1, effects: 1 },
      versions: [{ process: "review", version: "1.0.0" }],
    });
  });

  test.each(Object.entries(LIES))("is refuted by %s", (_, [revision, change, place]) => {
    expect(verdictOn(lie(revision, change))).toMatchObject({ kind: "refuted", place });
  });
});

describe("the rules, asked without a replay", () => {
  test("hold for what happened", () => {
    const held = { kind: "held", separations: 1, timers: 1, effects: 1 };
    expect(checkRules(TRUTH, known)).toEqual(held);
  });

  test.each(Object.entries(LIES).filter(([, [, , , place]]) => place !== ""))(
    "are broken by %s",
    (_, [revision, change, , place]) => {
      expect(checkRules(lie(revision, change), known)).toMatchObject({ kind: "refuted", place });
    },
  );

  test("let who submitted approve where the rule does not say", () => {
    const elsewhere = lie(4, (entry) => ({ ...entry, actor: ann, before: "draft" }));
    expect(checkRules(elsewhere, known)).toMatchObject({ kind: "held", separations: 0 });
  });
});
