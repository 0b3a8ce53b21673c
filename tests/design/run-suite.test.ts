/** Stories are run as told: what holds passes, and each kind of untruth is found where it stands. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

import { judgeFiles } from "../../src/design/judge-files.ts";
import { runSuite, type SuiteRun } from "../../src/design/run-suite.ts";

interface Edit {
  readonly definition?: readonly [string, string];
  readonly scenarios?: readonly [string, string];
}

function fixture(name: string): string {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8");
}

function edited(text: string, edit: readonly [string, string] | undefined): string {
  if (edit === undefined) return text;
  if (!text.includes(edit[0])) throw new Error(`There is nothing to edit: ${edit[0]}`);
  return text.replace(edit[0], edit[1]);
}

function suiteOf(name: string, edit: Edit = {}): SuiteRun {
  const { executable, definition, scenarios } = judgeFiles(
    { text: edited(fixture(`${name}.yaml`), edit.definition), format: "yaml" },
    edited(fixture(`${name}.scenarios.yaml`), edit.scenarios),
  );
  const file = scenarios?.file ?? null;
  if (executable === null || file === null) {
    throw new Error(JSON.stringify([definition.findings, scenarios?.findings], null, 1));
  }
  return runSuite(executable, file, null);
}

function failuresOf(name: string, edit: Edit = {}): readonly string[] {
  return suiteOf(name, edit).runs.flatMap(({ id, failure }) =>
    failure === null
      ? []
      : failure.mismatches.map(
          ({ aspect, at, expected, found }) =>
            `${id} ${failure.step} ${aspect}${at} | ${expected} | ${found}`,
        ),
  );
}

const NAMES = ["traffic-light", "approval", "reservation", "working-time"] as const;

describe("runSuite", () => {
  test.each(NAMES)("finds nothing wrong with the stories of %s", (name) => {
    expect(failuresOf(name)).toEqual([]);
  });

  test.each(NAMES)("gives the same run of %s every time", (name) => {
    expect(suiteOf(name)).toEqual(suiteOf(name));
  });

  const untruths: readonly (readonly [string, string, readonly [string, string], string])[] = [
    [
      "a state",
      "traffic-light",
      ["state: lit.green }", "state: lit.amber }"],
      "two-rounds 2 state | lit.amber | lit.green",
    ],
    [
      "a second state of several",
      "traffic-light",
      ["[lit, lit.red]", "[lit, lit.green]"],
      "stopped 4 state | lit.green | lit.red",
    ],
    [
      "a status",
      "traffic-light",
      ["status: done", "status: active"],
      "two-rounds 4 status | active | done",
    ],
    [
      "an outcome",
      "traffic-light",
      ["outcome: worn-out", "outcome: null"],
      "two-rounds 4 outcome | null | worn-out",
    ],
    ["data", "traffic-light", ["rounds: 1", "rounds: 2"], "two-rounds 3 data/rounds | 2 | 1"],
    [
      "personal data, compared in clear",
      "approval",
      ["{ data: { name: Ann,", "{ data: { name: Bob,"],
      "every-outcome 0 data/name | Bob | Ann",
    ],
    [
      "a timer's instant",
      "traffic-light",
      ["2026-11-23T00:00:30Z", "2026-11-23T00:00:31Z"],
      'two-rounds 1 timers | [{"state":"lit.red","after":"PT30S","dueAt":"2026-11-23T00:00:31.000Z"}] | [{"state":"lit.red","after":"PT30S","dueAt":"2026-11-23T00:00:30.000Z"}]',
    ],
    [
      "a timer too few",
      "approval",
      ["            - { state: awaiting, after: PT2H }\n", ""],
      'every-outcome 1 timers | [{"state":"awaiting","after":"P1D","item":"lines/L1"}] | [{"state":"awaiting","after":"PT2H","item":"lines/L1","dueAt":"2026-11-23T02:00:00.000Z"},{"state":"awaiting","after":"P1D","item":"lines/L1","dueAt":"2026-11-24T00:00:00.000Z"}]',
    ],
    [
      "a job",
      "reservation",
      ["then: { jobs: [reserve-bay] }", "then: { jobs: [] }"],
      'full-then-free 0 jobs | [] | ["reserve-bay"]',
    ],
    [
      "an item's state",
      "approval",
      ["L2: awaiting }", "L2: approved }"],
      "every-outcome 5 itemslines/L2 | approved | awaiting",
    ],
    [
      "an item's data",
      "approval",
      ["price: 12.5 } }", "price: 13 } }"],
      "every-outcome 5 itemslines/L1/price | 13 | 12.5",
    ],
    [
      "an item that is not there",
      "approval",
      ["L3: expired", "L4: expired"],
      "every-outcome 10 itemslines/L4 | expired | L1, L2, L3",
    ],
    [
      "the effects' types",
      "approval",
      ["effects: [{ type: notify, item", "effects: [notify, { type: notify, item"],
      "every-outcome 7 effects | [notify, notify] | [notify]",
    ],
    [
      "an effect's params",
      "approval",
      ["to: Ann }", "to: Bob }"],
      "every-outcome 1 effects/0/params/to | Bob | Ann",
    ],
    [
      "a message's text",
      "approval",
      ["Dear Ann, 1 lines", "Dear Ann, 2 lines"],
      "every-outcome 1 messageen | Dear Ann, 2 lines | Dear Ann, 1 lines wait.",
    ],
    [
      "the code of a refusal",
      "approval",
      [
        "{ event: CHECK, by: kim, then: { refused: separation-violated",
        "{ event: CHECK, by: kim, then: { refused: role-not-allowed",
      ],
      "every-outcome 8 refused | role-not-allowed | separation-violated: ",
    ],
    [
      "the reason of a refusal",
      "approval",
      ["because: '= !lines", "because: '= lines"],
      'every-outcome 4 refused/because | = lines.exists(l, l.state == "awaiting") | = !lines.exists(l, l.state == "awaiting")',
    ],
    [
      "a refusal of what is accepted",
      "traffic-light",
      ["then: { state: dark } }", "then: { refused: order-closed } }"],
      "stopped 2 refused | order-closed | accepted",
    ],
    [
      "an acceptance of what is refused",
      "traffic-light",
      ["{ refused: event-not-enabled, state: dark }", "{ state: dark }"],
      "stopped 3 accepted | accepted | event-not-enabled: ",
    ],
    [
      "what may be sent",
      "traffic-light",
      ["enabled: [RESUME]", "enabled: [RESUME, STOP]"],
      'stopped 1 enabled | {"event":"STOP"} | RESUME',
    ],
    [
      "what is blocked",
      "approval",
      ["blocked: [{ event: CLOSE }]", "blocked: [{ event: CLOSE, because: no }]"],
      'every-outcome 7 blocked | {"event":"CLOSE","because":"no"} | ',
    ],
    [
      "a clock that goes back",
      "traffic-light",
      ["until: 2026-11-23T08:03:00+08:00", "until: 2026-11-23T08:00:00+08:00"],
      "two-rounds 4 clock | >= 2026-11-23T00:01:30.000Z | 2026-11-23T00:00:00.000Z",
    ],
  ];

  test.each(untruths)("finds %s that is not so (%s)", (_, name, scenarios, told) => {
    const failures = failuresOf(name, { scenarios });
    expect(failures).toHaveLength(1);
    expect(failures[0]?.slice(0, told.length)).toBe(told);
  });

  test("tells which events the step's actor could send instead", () => {
    const { runs } = suiteOf("traffic-light", { scenarios: ["refused: event-not-enabled, ", ""] });
    expect(runs.map(({ failure }) => failure?.enabled ?? null)).toEqual([null, ["RESUME"]]);
    expect(runs[1]?.failure).toMatchObject({ step: 3, pointer: "/scenarios/1/steps/2" });
  });

  test("judges personal values in clear, and lets none of them into the order", () => {
    const plate = "name: { type: string, x-personal: true, maxLength: 2 }";
    const definition = ["name: { type: string, x-personal: true }", plate] as const;
    expect(failuresOf("approval", { definition })[0]).toMatch(
      /accepted \| accepted \| data-invalid: \/name/,
    );
  });

  test("refuses a payload only after role and vocabulary, as the server does", () => {
    const told = (payload: string, refused: string) =>
      failuresOf("approval", {
        scenarios: [
          "payload: { line: L2, decision: declined }\n        then: {",
          `payload: ${payload}\n        then: { refused: ${refused} }\n      - wait: PT0S\n        then: {`,
        ],
      })[0];
    expect(told("{ line: L2 }", "payload-invalid")).toMatch(/^every-outcome 7 items/);
    expect(told("{ line: L9, decision: declined }", "item-unknown")).toMatch(
      /^every-outcome 7 items/,
    );
  });

  test("stops at a definition whose timers never come to rest", () => {
    const definition = [
      "red: { after: { PT30S: green } }",
      "red: { after: { PT0S: { target: red, reenter: true } } }",
    ] as const;
    expect(failuresOf("traffic-light", { definition })[0]).toContain("step-unbounded");
  });
});

describe("coverageOf", () => {
  test("finds that these stories reach all of their definitions", () => {
    for (const name of NAMES) {
      const { states, transitions, timers } = suiteOf(name).coverage;
      expect([states.missing, transitions.missing, timers.missing], name).toEqual([[], [], []]);
    }
  });

  test("counts the order's places and the items', initial transitions excluded", () => {
    const { states, transitions, timers, guardsTrue } = suiteOf("approval").coverage;
    expect([states.total, transitions.total, timers.total, guardsTrue.total]).toEqual([7, 9, 2, 2]);
  });

  test("tells what no story reaches, in document order", () => {
    const { coverage } = suiteOf("reservation", {
      scenarios: ["error: { code: down }, then: { outcome: broken }", "output: { bay: B2 }"],
    });
    expect(coverage.states.missing.map(({ label }) => label)).toEqual(["broken"]);
    expect(coverage.transitions.missing).toEqual([
      {
        pointer: "/machine/states/reserving/invoke/onError/1",
        label: "reserving: invoke onError 1 -> broken",
      },
    ]);
    expect(coverage.guardsTrue.missing).toEqual([]);
    expect(coverage.guardsFalse.missing.map(({ pointer }) => pointer)).toEqual([
      "/machine/states/reserving/invoke/onError/0/guard",
    ]);
  });

  test("tells timers that never fire, of items too", () => {
    const { coverage } = suiteOf("approval", {
      scenarios: [
        "- { wait: P1D, then: { items: { lines: { L3: expired } }, timers: [] } }\n      - { event: CLOSE, by: kim, then: { status: done, outcome: closed } }",
        "- { wait: PT1H }",
      ],
    });
    expect(coverage.timers.missing.map(({ label }) => label)).toEqual([
      "lines/awaiting: after P1D",
    ]);
    expect(coverage.states.missing.map(({ label }) => label)).toContain("lines/expired");
  });

  test("counts a state that is left within the step that enters it", () => {
    const { coverage } = suiteOf("traffic-light", {
      definition: [
        "dark: { on: { RESUME: lit } }",
        "dark: { on: { RESUME: passing } }\n    passing: { initial: a, states: { a: { always: b }, b: {} }, always: lit }",
      ],
    });
    expect(coverage.states.missing.map(({ label }) => label)).toEqual([]);
  });
});
