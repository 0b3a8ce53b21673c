import { describe, expect, test } from "vitest";
import { parseDefinition, type Format } from "../../../machines/document/parse.ts";
import { leastCpuMs } from "../../support/cpu-time.ts";

const MIB = 1 << 20;
const HEAD = "process: p\nversion: 1.0.0\nmachine: {}\n";

/** Of this thread's processor time, by the best of three runs: other work shares the machine. */
const LIMIT_MS = 200;

const repeated = (part: string, bytes = MIB) => part.repeat(Math.floor(bytes / part.length));
const stairs = (part: string) =>
  Array.from({ length: 1400 }, (_, depth) => `${" ".repeat(depth)}${part}\n`).join("");

const TEXTS: readonly (readonly [name: string, format: Format, text: string, rule: string])[] = [
  ["over a mebibyte", "yaml", `${HEAD}${repeated("#")}`, "too-large"],
  ["over a mebibyte of wide characters", "yaml", "汽".repeat(MIB / 2), "too-large"],
  ["over a mebibyte", "json", ` ${repeated(" ")}{}`, "too-large"],
  ["a mebibyte of opening brackets", "yaml", repeated("["), "too-deep"],
  ["a mebibyte of opening brackets", "json", repeated("["), "too-deep"],
  ["a mebibyte of closing brackets", "yaml", repeated("]"), "syntax"],
  ["a mebibyte of closing brackets", "json", repeated("]"), "syntax"],
  ["brackets inside the machine", "yaml", `machine: ${"[".repeat(100_000)}`, "too-deep"],
  ["balanced brackets", "yaml", "[".repeat(100_000) + "]".repeat(100_000), "too-deep"],
  ["100,000 objects inside each other", "json", repeated('{"a":', 500_000), "too-deep"],
  ["100,000 flow maps inside each other", "yaml", repeated("{a: ", 400_000), "too-deep"],
  ["block maps inside each other", "yaml", stairs("a:"), "too-deep"],
  ["block lists inside each other", "yaml", stairs("-"), "too-deep"],
  ["lists inside each other on one line", "yaml", repeated("- ", 200_000), "too-deep"],
  ["keys inside each other on one line", "yaml", repeated("? ", 200_000), "too-deep"],
  ["values without keys on one line", "yaml", repeated(": ", 200_000), "too-deep"],
  ["a bomb of aliases", "yaml", bomb(), "alias"],
  ["an alias to what holds it", "yaml", `${HEAD}title: &a [*a]\n`, "alias"],
  ["100,000 aliases", "yaml", `${HEAD}roles: [${"*a, ".repeat(100_000)}]`, "too-large"],
  ["a mebibyte of anchors", "yaml", repeated("&a "), "too-large"],
  ["a mebibyte of documents", "yaml", repeated("---\n"), "too-large"],
  ["a mebibyte of list elements", "yaml", repeated("- 1\n"), "too-large"],
  ["a mebibyte of line ends", "yaml", repeated("\n"), "too-large"],
  ["a mebibyte of quotes", "yaml", repeated('"'), "too-large"],
  ["an unclosed text", "yaml", `"${repeated("a\n", MIB - 1)}`, "syntax"],
  ["an unclosed text", "json", `"${repeated("a", MIB - 1)}`, "syntax"],
  ["a text of escapes", "json", `{"a":"${repeated("\\u0041", MIB - 10)}"`, "syntax"],
  ["a mebibyte of tags", "yaml", repeated("!a "), "too-large"],
  ["a text of 250,000 lines", "yaml", `process: "${"a\n ".repeat(250_000)}"`, "malformed-value"],
  [
    "250,000 lines without quotes",
    "yaml",
    `process: ${"a\n  ".repeat(250_000)}`,
    "malformed-value",
  ],
  ["a block of 250,000 lines", "yaml", `process: |\n${"  a\n".repeat(250_000)}`, "malformed-value"],
  [
    "a block of 500,000 blank lines",
    "yaml",
    `process: |\n${"\n".repeat(500_000)}  a\n`,
    "malformed-value",
  ],
  ["a name of blanks", "yaml", `roles: ["a${" ".repeat(1_000_000)}"]`, "malformed-value"],
  [
    "a version of a million digits",
    "json",
    `{"version":"1.0.0-${"1".repeat(1_000_000)}."}`,
    "malformed-value",
  ],
  ["a key of a mebibyte", "json", `{"${"k".repeat(MIB - 10)}":1}`, "key-too-long"],
  ["a key of a mebibyte", "yaml", `"${"k".repeat(MIB - 10)}": 1`, "syntax"],
  ["a mebibyte of digits", "json", repeated("9"), "number-out-of-range"],
  ["a mebibyte of list elements", "json", `[${repeated("1,", MIB - 3)}1]`, "too-large"],
  ["a mebibyte of keys", "yaml", HEAD + repeated("k: 1\n", MIB - 50), "too-large"],
  ["10,000 keys", "yaml", HEAD + keys(10_000), "too-many-findings"],
  ["40,000 keys", "json", `{${keysJson(40_000)}}`, "too-many-findings"],
  ["one key 10,000 times", "yaml", HEAD + "process: p\n".repeat(10_000), "too-many-findings"],
  ["one key 40,000 times", "json", `{${'"a":1,'.repeat(40_000)}"a":1}`, "too-many-findings"],
  ["10,000 states", "yaml", `${HEAD.replace(" {}", "")}  states:\n${states(10_000)}`, "too-large"],
];

describe("hostile text", () => {
  test.each(TEXTS)("ends early with its finding: %s (%s)", (_, format, text, rule) => {
    const took = leastCpuMs(() => {
      const { findings } = parseDefinition(text, format);
      expect(findings.map((each) => each.rule)).toContain(rule);
    });
    expect(took).toBeLessThan(LIMIT_MS);
  });

  test("makes no findings that are larger than the text", () => {
    for (const format of ["yaml", "json"] as const) {
      const { findings } = parseDefinition(longKeys(), format);
      expect(findings.length).toBeGreaterThan(100);
      expect(JSON.stringify(findings).length).toBeLessThan(8 * MIB);
    }
  });
});

/** Hundreds of mistakes under fourteen levels of states with names as long as names may be. */
function longKeys(): string {
  const key = JSON.stringify("s".repeat(250));
  const faults = Array.from({ length: 5000 }, (_, index) => `"E${index}":null`).join();
  const open = `{"states":{${key}:`;
  return `{"machine":${open.repeat(13)}{"on":{${faults}}}${"}}".repeat(13)}}`;
}

function bomb(): string {
  const levels = Array.from({ length: 9 }, (_, level) => {
    const before = String.fromCharCode(96 + level);
    return `${String.fromCharCode(97 + level)}: &${String.fromCharCode(97 + level)} [${
      level === 0 ? "lol" : Array.from({ length: 9 }, () => `*${before}`).join(", ")
    }]\n`;
  });
  return HEAD + levels.join("");
}

function keys(count: number): string {
  return Array.from({ length: count }, (_, index) => `k${index}: 1\n`).join("");
}

function keysJson(count: number): string {
  return Array.from({ length: count }, (_, index) => `"k${index}":1`).join();
}

function states(count: number): string {
  return Array.from({ length: count }, (_, i) => `    s${i}: { on: { GO: s${i + 1} } }\n`).join("");
}
