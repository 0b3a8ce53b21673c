/** Thirty mistakes of different kinds in one document: each told once, at its line, in one pass, and nothing besides. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";

import { judge } from "../../machines/compile/judge.ts";

const TEXT = readFileSync(new URL("thirty-mistakes.yaml", import.meta.url), "utf8");

/** Line, rule, and where. */
const MISTAKES = [
  "2 malformed-value /version",
  "3 unknown-key /titel",
  "5 duplicate-key /roles",
  "12 reserved-name /data/properties/now",
  "17 unknown-role /events/START_WORK/by/0",
  "20 item-key-missing /events/DECIDE_LINE/payload",
  "21 forbidden-name /events/FINISH.REPAIR",
  "23 schema-invalid /events/ATTACH_PHOTO/payload/properties/photo/type",
  "28 history-misplaced /items/addOns/machine",
  "33 wrong-type /jobs/reserve-slot/retries",
  "35 expression /messages/rated/en",
  "37 invariant-type /invariants/0/always",
  "39 unknown-state /separation/0/in",
  "42 unknown-time-zone /calendars/default/timeZone",
  "45 initial-unknown /machine/initial",
  "48 unknown-action /machine/states/reception/entry",
  "49 value-type /machine/states/reception/exit/params/score",
  "52 expression /machine/states/reception/on/RATE/0/guard",
  "53 expression /machine/states/reception/on/RATE/1/guard",
  "54 guard-type /machine/states/reception/on/RATE/2/guard",
  "55 unknown-target /machine/states/reception/on/RATE/3/target",
  "58 value-unknown-field /machine/states/reception/on/START_WORK/actions/params/to",
  "60 bad-delay /machine/states/reception/after/PT",
  "61 delay-type /machine/states/reception/after/= score",
  "62 initial-missing /machine/states/repair",
  "65 unknown-event /machine/states/repair/states/workbench/entry/params/event",
  "66 unknown-collection /machine/states/repair/states/paused/exit/params/in",
  "67 job-undeclared /machine/states/repair/invoke/src",
  "69 duplicate-id /machine/states/delivery/id",
  "73 final-state-leaves /machine/states/done/on",
];

describe("a document with thirty mistakes", () => {
  test("gets thirty findings, each at its line, and no other", () => {
    const { executable, findings } = judge(TEXT, "yaml");
    expect(executable).toBeNull();
    expect(findings.map(({ line, rule, pointer }) => `${line} ${rule} ${pointer}`)).toEqual(
      MISTAKES,
    );
    expect(new Set(MISTAKES).size).toBe(30);
  });

  test("tells in each what was expected and found, and what to do", () => {
    for (const { rule, message, help } of judge(TEXT, "yaml").findings) {
      expect(message, rule).toMatch(/expected|there is no|has no field|is personal/i);
      expect(help, rule).not.toBe("");
    }
  });

  test("gets the same findings as JSON, but for the key that JSON's readers would lose", () => {
    const once = TEXT.replace("roles: [customer]\n", "");
    const json = JSON.stringify(parse(once), null, 2);
    const told = (text: string, format: "yaml" | "json") =>
      judge(text, format).findings.map(({ rule, pointer }) => `${rule} ${pointer}`);
    expect(told(json, "json")).toHaveLength(29);
    expect(told(json, "json")).toEqual(told(once, "yaml"));
  });
});
