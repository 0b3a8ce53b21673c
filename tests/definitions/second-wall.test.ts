/**
 * The invariants are a second wall: a version that lost one of its guards, or short-circuits a gate, is still refused by
 * them. Each case breaks the document in one place and walks a story to where the damage would be done.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { judge } from "../../machines/compile/judge.ts";
import type { Actor } from "../../machines/order.ts";
import { createSandbox } from "../../src/design/sandbox.ts";
import type { ScenarioStep } from "../../src/design/scenario-schema.ts";
import { createVault } from "../../src/design/vault.ts";
import { playStep, utc } from "./play-step.ts";
import { DEFINITIONS_FOLDER, readDefinition } from "./read-definitions.ts";

const source = readFileSync(join(DEFINITIONS_FOLDER, "service-visit/1.0.0.yaml"), "utf8");
const file = readDefinition("service-visit", "1.0.0").scenarios?.file;
if (!file) throw new Error("The scenarios of service-visit can't be read.");

interface Break {
  readonly what: string;
  /** Text of the document, and what it becomes. */
  readonly text: readonly [string, string];
  readonly story: string;
  /** The story is played up to the first such step. */
  readonly until: (step: ScenarioStep) => boolean;
  /** What is done then; the last step is the one that does the damage. */
  readonly then: readonly ScenarioStep[];
  readonly invariant: string;
}

const event = (type: string, by: string): ScenarioStep => ({ event: type, by });

/** The first steps of the good story that send these events. */
const asTold = (...types: readonly string[]): readonly ScenarioStep[] =>
  types.flatMap(
    (type) => file.scenarios[0]?.steps.find((step) => "event" in step && step.event === type) ?? [],
  );

const breaks: readonly Break[] = [
  {
    what: "the hand-over no longer waits for undecided lines",
    text: [`guard: '= addOns.all(a, !("undecided" in a.tags))'`, "guard: '= true'"],
    story: "walk-in-story",
    until: (step) => "event" in step && step.then?.blocked?.includes("START_DELIVERY") === true,
    then: [event("START_DELIVERY", "chen")],
    invariant: "nothing-undecided-at-delivery",
  },
  {
    what: "a red finding no longer needs its photo",
    text: [
      `guard: '= event.finding.colour != "red" || has(event.finding.photo)'`,
      "guard: '= true'",
    ],
    story: "walk-in-story",
    until: (step) => "event" in step && step.event === "RECORD_FINDING",
    then: [
      {
        event: "RECORD_FINDING",
        by: "chen",
        payload: { finding: { level: "walkAround", part: "tyre", colour: "red" } },
      },
    ],
    invariant: "red-has-a-photo",
  },
  {
    what: "the self check leads past the peer",
    text: [
      "target: peerCheck\n              guard: '= actor.sub in",
      "target: finalCheck\n              guard: '= actor.sub in",
    ],
    story: "good-story",
    until: (step) => "event" in step && step.event === "PASS_CHECK",
    then: [
      event("PASS_CHECK", "li"),
      event("PASS_CHECK", "chen"),
      event("ACCEPT_CAR", "wang"),
      event("START_DELIVERY", "chen"),
    ],
    invariant: "gates-before-delivery",
  },
  {
    what: "the walk-around may be left without its photos",
    text: [
      ".all(v, evidence.exists(e, e.view == v))\n              actions",
      ".all(v, true)\n              actions",
    ],
    story: "good-story",
    until: (step) => "event" in step && step.event === "ADD_EVIDENCE",
    then: asTold("RECORD_WORDS", "FINISH_WALK_AROUND", "OFFER_WORK", "AGREE_WORK"),
    invariant: "evidence-before-diagnosis",
  },
  {
    what: "any amount settles the invoice",
    text: ["guard: '= event.paid.amount == invoice.total.amount'", "guard: '= true'"],
    story: "good-story",
    until: (step) => "event" in step && step.event === "PAY",
    then: [
      {
        event: "PAY",
        by: "app",
        payload: { method: "cash", paid: { amount: 1, currency: "CNY" } },
      },
      { event: "HAND_OVER", by: "chen", after: "PT30M" },
    ],
    invariant: "paid-before-goodbye",
  },
];

describe("service-visit with one rule broken", () => {
  test.each(breaks)("$what: refused by $invariant", ({ text, story, until, then, invariant }) => {
    const [before, after] = text;
    expect(source).toContain(before);
    const { executable, findings } = judge(source.replaceAll(before, after), "yaml");
    if (executable === null) throw new Error(JSON.stringify(findings));
    const told = file.scenarios.find(({ id }) => id === story);
    if (told === undefined) throw new Error(`There is no story ${story}.`);
    const { given, steps } = told;
    const sandbox = createSandbox(executable, createVault(story), utc(given.at), {
      executable,
      saw: () => undefined,
    });
    const identity = { id: story, businessKey: null, centre: "sh-01" };
    sandbox.start(identity, given.data ?? {}, who(given.by));
    for (const step of steps.slice(0, steps.findIndex(until))) playStep(sandbox, step, who);

    const turns = then.map((step) => playStep(sandbox, step, who));
    const codes = turns.map(({ rejected }) => rejected?.code ?? null);
    expect(codes).toEqual([...then.slice(1).map(() => null), "invariant-violated"]);
    const at = executable.invariants.findIndex(({ id }) => id === invariant);
    expect(turns.at(-1)?.rejected?.pointer).toBe(`/invariants/${at}/always`);
  });
});

function who(sub: string): Actor {
  const role = [file?.actors[sub] ?? []].flat()[0];
  if (role === undefined) throw new Error(`The stories have no ${sub}.`);
  return { sub, role, centre: "sh-01" };
}
