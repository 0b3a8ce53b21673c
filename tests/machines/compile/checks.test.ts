/** What the compiler refuses beside the shape of a document: names that collide, times that mean nothing. */

import { describe, expect, test } from "vitest";

import { judge } from "../../../machines/compile/judge.ts";

function told(rest: string): readonly string[] {
  const text = `process: checks\nversion: 1.0.0\n${rest}`;
  return judge(text, "yaml").findings.map(
    ({ line, rule, pointer }) => `${line} ${rule} ${pointer}`,
  );
}

const MACHINE = "machine: { initial: a, states: { a: {} } }\n";

describe("compile", () => {
  test("refuses one centre with two calendars", () => {
    expect(
      told(`calendars:
  default: { timeZone: Asia/Shanghai, hours: { monday: ["09:00-18:00"] }, centres: [sh-01] }
  other: { timeZone: Asia/Shanghai, hours: { monday: ["09:00-18:00"] }, centres: [sh-02, sh-01] }
${MACHINE}`),
    ).toEqual(["5 centre-in-two-calendars /calendars/other/centres/1"]);
  });

  test("refuses a back-off that is no duration", () => {
    expect(told(`jobs:\n  wash: { backoff: PT }\n${MACHINE}`)).toEqual([
      "4 bad-backoff /jobs/wash/backoff",
    ]);
  });

  test("refuses two invocations of one name, and takes them with names of their own", () => {
    const machine = (second: string) =>
      `jobs: { wash: {} }
machine:
  initial: a
  states:
    a:
      invoke:
        - { src: wash }
        - { src: wash${second} }
`;
    expect(told(machine(""))).toEqual(["10 duplicate-invocation /machine/states/a/invoke/1"]);
    expect(told(machine(", id: again"))).toEqual([]);
  });
});
