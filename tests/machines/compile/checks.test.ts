/** What the compiler refuses beside the shape of a document: names that collide, times that mean nothing. */

import { describe, expect, test } from "vitest";

import { judge } from "../../../machines/compile/judge.ts";
import { executableOf } from "../step/orders.ts";

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

  test("refuses a job that is done by a role which the document does not know", () => {
    expect(
      told(`roles: [porter]
jobs:
  wash: { by: [porter, admin, washer] }
${MACHINE}`),
    ).toEqual(["5 unknown-role /jobs/wash/by/2"]);
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

  test("takes a list that may hold nothing, and knows that it has no elements", () => {
    const payload = "{ type: object, properties: { none: { type: array, items: false } } }";
    const guarded = (guard: string) => `events: { GO: { payload: ${payload} } }
machine:
  initial: a
  states:
    a: { on: { GO: { target: a, guard: '= ${guard}' } } }
`;
    expect(told(guarded("event.none.size() == 0"))).toEqual([]);
  });

  test("takes a payload of which the schema says nothing, or nothing good", () => {
    const events = { ANY: { payload: true }, NONE: { payload: false } };
    const executable = executableOf({
      events,
      machine: { initial: "a", states: { a: { on: { ANY: "a", NONE: "a" } } } },
    });
    expect(executable.events.get("ANY")?.payload.raw({ x: 1 })).toEqual([]);
    expect(executable.events.get("NONE")?.payload.raw({ x: 1 })).toHaveLength(1);
  });

  test("warns of a placeholder that is never closed", () => {
    const messages = 'messages: { hi: { en: "Hello {{ order.id", zh: "您好 {{ order.id }}" } }\n';
    expect(told(messages + MACHINE)).toEqual(["3 placeholder-unclosed /messages/hi/en"]);
  });

  test("refuses two invariants of one name", () => {
    expect(
      told(`invariants:
  - { id: same, always: '= order.id != ""' }
  - { id: other, always: '= order.id != ""' }
  - { id: same, always: '= order.id != "x"' }
${MACHINE}`),
    ).toEqual(["6 duplicate-id /invariants/2/id"]);
  });

  test("asks for the item's key only where somebody from outside names the item", () => {
    const definition = (by: string) => `roles: [clerk]
events: { GO: { item: parts, by: [${by}] } }
items: { parts: { key: part, machine: { initial: a, states: { a: { on: { GO: a } } } } } }
${MACHINE}`;
    expect(told(definition("clerk"))).toEqual(["4 item-key-missing /events/GO/payload"]);
    expect(told(definition(""))).toEqual([]);
  });

  test("warns of a task for a role that the document doesn't have", () => {
    const machine = (role: string) =>
      `roles: [clerk]
machine: { initial: a, states: { a: { meta: { element: userTask, role: ${role} } } } }
`;
    expect(told(machine("clrek"))).toEqual(["4 unknown-role /machine/states/a/meta/role"]);
    expect(told(machine("clerk"))).toEqual([]);
  });

  test("warns of a transition that stands behind one without a guard", () => {
    const machine = (go: string) =>
      `events: { GO: {} }
machine: { initial: a, states: { a: { on: { GO: ${go} } }, b: {} } }
`;
    expect(told(machine("[a, b]"))).toEqual(["4 never-taken /machine/states/a/on/GO/1"]);
    expect(told(machine("[{ guard: '= now == now', target: a }, b]"))).toEqual([]);
    expect(told(machine("{ target: [b] }"))).toEqual([]);
  });

  test("refuses more regions at once than an order can enter in time, nested ones counted", () => {
    const parallel = (regions: number, region: string) =>
      `{ type: parallel, states: { ${Array.from({ length: regions }, (_, at) => `r${at}: ${region}`).join(", ")} } }`;
    const machine = (inner: string) => `machine: { initial: a, states: { a: ${inner} } }\n`;
    expect(told(machine(parallel(200, "{}")))).toEqual([]);
    expect(told(machine(parallel(201, "{}")))).toEqual(["3 too-many-at-once /machine/states/a"]);
    expect(told(machine(parallel(20, parallel(11, "{}"))))).toEqual([
      "3 too-many-at-once /machine/states/a",
    ]);
  });
});
