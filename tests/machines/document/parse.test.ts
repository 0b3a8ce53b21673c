import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseDefinition } from "../../../machines/document/parse.ts";
import { definition } from "../../../machines/document/schema.ts";

/** Every line with a comment has that mistake, and there is no other; `,` joins several on one line. */
const THIRTY_MISTAKES = `process: Service Visit # malformed-value
version: 1.0 # wrong-type
tite: Visit # unknown-key
<<: { roles: [a] } # merge-key
roles: [advisor, 3] # wrong-type
constructor: {} # forbidden-key
title: { en: Visit, chinese-simplified: x, "": y } # malformed-language,malformed-language
data: text # malformed-value
events:
  FINISH: 5 # wrong-type
  quality.passed: {} # forbidden-name
  "*": {} # wildcard
  7: {} # forbidden-name
  xstate.done.actor.a: {} # forbidden-name
  DECIDE: { by: customer } # wrong-type
  PAY: { payload: !money 3 } # tag,malformed-value
effects: { notify: { paylod: {} } } # unknown-key
jobs:
  reserve: { retries: -1, backoff: ten seconds } # malformed-value,malformed-value
messages: { ready: [a] } # wrong-type
invariants:
  - { id: paid, always: total == 3 } # malformed-value
  - { id: free } # missing-key
separation: [{ event: FINISH, notBy: [] }] # malformed-value
calendars:
  default: { hours: { monday: [8-12], someday: [] } } # missing-key,malformed-value,unknown-key
items:
  addOns: { machine: {} } # missing-key
machine:
  initial: a
  initial: b # duplicate-key
  states:
    a:
      on:
        FINISH: # empty-value
        DECIDE: { target: b, guard: event.ok } # malformed-value
        PAY: [b, { cond: x }] # unknown-key
      after: { 5000: b, soon: b } # numeric-delay,malformed-delay
      entry: [{ params: {} }, xstate.stop] # missing-key,malformed-value
      invoke: { id: i } # missing-key
      meta: { element: task, mine: { any: thing } } # malformed-value
    b: &b # alias
      type: parallell # malformed-value
    c: *b # alias
    d.e: { on: { FINISH: 3 } } # forbidden-name,wrong-type
    f: # empty-value
    <<: {} # merge-key
    "\\0": {} # forbidden-character
    g: { tags: "\\uD800", entry: .inf } # forbidden-character,number-out-of-range
    h: { history: deeper, target: [a] } # malformed-value,wrong-type
`;

function mistakes(text: string): readonly string[] {
  return text.split("\n").flatMap((line, index) => {
    const rules = / # (.*)$/.exec(line)?.[1]?.split(",") ?? [];
    return rules.map((rule) => `${index + 1} ${rule}`);
  });
}

describe("parseDefinition", () => {
  test("tells every mistake of a document once, with its line, in one pass", () => {
    const { findings } = parseDefinition(THIRTY_MISTAKES, "yaml");
    const expected = mistakes(THIRTY_MISTAKES);
    expect(expected.length).toBeGreaterThan(30);
    expect(findings.map(({ line, rule }) => `${line} ${rule}`).toSorted()).toEqual(
      expected.toSorted(),
    );
  });

  test("says for each what was expected, what was found, and what to do", () => {
    for (const { message, help, severity } of parseDefinition(THIRTY_MISTAKES, "yaml").findings) {
      expect(message).toMatch(/^expected .*, found /);
      expect(help).toMatch(/^[A-Z`].*[.?]$/);
      expect(help).not.toContain("undefined");
      expect(severity).toBe("error");
    }
  });

  test("leaves a definition that can still be judged, declarations standing in for malformed ones", () => {
    const { document } = parseDefinition(THIRTY_MISTAKES, "yaml");
    expect(definition.safeParse(document).error).toBeUndefined();
    expect(document).toMatchObject({
      process: "unnamed",
      version: "0.0.0",
      roles: ["advisor"],
      events: { FINISH: {}, DECIDE: {}, PAY: {} },
      items: { addOns: { key: "id", machine: {} } },
      machine: { initial: "a", states: { a: { on: { DECIDE: { target: "b" } } }, b: {}, f: {} } },
    });
    expect(Object.keys(document?.machine.states ?? {})).toEqual(["a", "b", "f", "g", "h"]);
  });

  test("tells the same mistakes of the same document in JSON", () => {
    const text = `{
      "process": "p", "process": "q",
      "version": 1,
      "__proto__": {},
      "machine": {
        "states": {
          "a": {
            "on": { "GO": null },
            "after": { "90000": "a" },
            "entry": 1e400, "exit": "\\u0000"
          }
        }
      }
    }`;
    const { findings } = parseDefinition(text, "json");
    expect(findings.map(({ line, rule, pointer }) => [line, rule, pointer])).toEqual([
      [2, "duplicate-key", "/process"],
      [3, "wrong-type", "/version"],
      [4, "forbidden-key", "/__proto__"],
      [8, "empty-value", "/machine/states/a/on/GO"],
      [9, "numeric-delay", "/machine/states/a/after/90000"],
      [10, "number-out-of-range", "/machine/states/a/entry"],
      [10, "forbidden-character", "/machine/states/a/exit"],
    ]);
  });

  test("takes maps under a key that is given twice together, so that neither hides the other", () => {
    const text =
      "machine:\n  states: { a: {} }\n  states:\n    b: { on: 3 }\nprocess: p\nversion: 1.0.0\n";
    const { value, findings } = parseDefinition(text, "yaml");
    expect(findings.map(({ line, rule }) => [line, rule])).toEqual([
      [3, "duplicate-key"],
      [4, "wrong-type"],
    ]);
    expect(value).toMatchObject({ machine: { states: { a: {}, b: {} } } });
  });

  test.each([
    ["500", "PT0.5S"],
    ["5000", "PT5S"],
    ["90000", "PT90S"],
    ["120000", "PT2M"],
    ["7200000", "PT2H"],
  ])("writes the delay of %s ms as a duration", (milliseconds, duration) => {
    const text = `process: p\nversion: 1.0.0\nmachine: { after: { ${milliseconds}: a } }`;
    expect(parseDefinition(text, "yaml").findings).toMatchObject([
      { rule: "numeric-delay", line: 3, help: expect.stringContaining(`write ${duration}.`) },
    ]);
  });

  test.each([
    ["initail", "initial"],
    ["intial", "initial"],
    ["initiall", "initial"],
    ["onEror", "onError"],
    ["ondone", "onDone"],
  ])("offers the known key that %s is close to", (found, meant) => {
    const place = meant === "onError" ? `invoke: { src: x, ${found}: a }` : `${found}: a`;
    const text = `process: p\nversion: 1.0.0\nmachine: { ${place} }`;
    expect(parseDefinition(text, "yaml").findings).toMatchObject([
      { rule: "unknown-key", help: `Did you mean \`${meant}\`?` },
    ]);
  });

  test.each([
    ["an empty text", "", "empty-document", 1],
    ["a comment", "# nothing\n", "empty-document", 1],
    ["null", "null", "empty-document", 1],
    ["a list", "\n- a\n", "wrong-type", 2],
    ["a text", "hello", "wrong-type", 1],
    ["a second document", "a: 1\n---\nb: 2\n", "several-documents", 2],
    ["a directive", "%YAML 1.1\n---\na: yes\n", "directive", 1],
    ["a tab as indentation", "machine:\n\tstates: {}\n", "syntax", 2],
    ["an open bracket", "a: 1\nroles: [a, b\nb: 2\n", "syntax", 3],
    ["NUL", "a: 1\nb: \0\n", "forbidden-character", 2],
    ["half a surrogate pair", "a: 1\n\nb: \udc00x\n", "forbidden-character", 3],
  ])("gives nothing to go on with for %s in YAML", (_, text, rule, line) => {
    const parsed = parseDefinition(text, "yaml");
    expect(parsed).toMatchObject({ value: null, document: null });
    expect(parsed.findings[0]).toMatchObject({ rule, line });
    expect(parsed.locate("/a")).toBeNull();
  });

  test.each([
    ["", 1],
    ["{", 1],
    ['{"a":1,}', 1],
    ['{"a":1}\n{}', 2],
    ['{"a" 1}', 1],
    ["{'a':1}", 1],
    ['{\n"a":01}', 2],
    ['{"a":.5}', 1],
    ['{"a":NaN}', 1],
    ['{"a":"\n"}', 1],
    ['{"a":"\\x"}', 1],
    ["{}//", 1],
    ['{"a":[1,,2]}', 1],
    ['{"a":tru}', 1],
  ])("refuses %j, which is no JSON", (text, line) => {
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
    expect(parseDefinition(text, "json")).toMatchObject({
      value: null,
      findings: [{ rule: "syntax", line }],
    });
  });

  test("reads JSON as JSON.parse does", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]+$/), fc.jsonValue()), (value) => {
        const clean = JSON.stringify(value).replaceAll("__proto__", "x").replaceAll("-0", "0");
        const { value: read, findings } = parseDefinition(clean, "json");
        const flawed = findings.some(({ rule }) => FLAWS.has(rule));
        if (!flawed) expect(read).toEqual(JSON.parse(clean));
      }),
    );
  });

  test("keeps texts that YAML 1.1 took for something else, and numbers that are none", () => {
    const text =
      "on: 1\nyes: no\ndate: 2026-10-01\ntime: 12:30:00\nversion: 1.0.0\nnull: ~\noct: 0o17\n1: 1_000\n";
    expect(parseDefinition(text, "yaml").value).toEqual({
      on: 1,
      yes: "no",
      date: "2026-10-01",
      time: "12:30:00",
      version: "1.0.0",
      null: null,
      oct: 15,
      "1": "1_000",
    });
  });

  test("refuses maps and lists as keys, and keeps their siblings", () => {
    const { value, findings } = parseDefinition(
      "title: { {{ a }}: b, c: d }\nroles: [a]\n",
      "yaml",
    );
    expect(findings.map(({ rule }) => rule)).toContain("key-not-text");
    expect(value).toMatchObject({ roles: ["a"] });
  });

  test("never throws and never gives a malformed document, whatever the text", () => {
    const lines = THIRTY_MISTAKES.split("\n");
    const edited = fc
      .array(fc.tuple(fc.nat(lines.length - 1), fc.nat(60), fc.string({ maxLength: 6 })), {
        maxLength: 4,
      })
      .map((edits) => {
        const copy = [...lines];
        for (const [line, column, text] of edits) {
          const before = copy[line] ?? "";
          copy[line] = before.slice(0, column) + text + before.slice(column + text.length);
        }
        return copy.join("\n");
      });
    fc.assert(
      fc.property(fc.oneof(edited, fc.string({ unit: "binary" })), (text) => {
        for (const format of ["yaml", "json"] as const) {
          const { document, findings } = parseDefinition(text, format);
          if (document === null) expect(findings.length).toBeGreaterThan(0);
          else expect(definition.safeParse(document).success).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });
});

/** Rules by which a reader leaves a value out. */
const FLAWS: ReadonlySet<string> = new Set([
  "forbidden-character",
  "forbidden-key",
  "merge-key",
  "number-out-of-range",
  "too-deep",
]);

describe("locate", () => {
  const { locate } = parseDefinition(
    "process: p\nversion: 1.0.0\nmachine:\n  states:\n    a:\n      tags:\n        - x\n        - y\n    b/c: {}\n",
    "yaml",
  );

  test.each([
    ["", 1],
    ["/machine", 3],
    ["/machine/states/a", 5],
    ["/machine/states/a/tags/1", 8],
    ["/machine/states/b~1c", 9],
  ])("gives the line of %j", (pointer, line) => expect(locate(pointer)).toBe(line));

  test("gives the line of what is around a place that is not there", () => {
    expect(locate("/machine/states/a/on/GO")).toBe(5);
    expect(locate("/nowhere")).toBe(1);
  });
});
