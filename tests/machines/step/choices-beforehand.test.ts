import { describe, expect, test } from "vitest";
import { choices } from "../../../machines/step/choices.ts";
import { NOW, executableOf, send, startOrder, stepped, technician } from "./orders.ts";

describe("a guard on the payload", () => {
  const executable = executableOf({
    data: { type: "object", properties: { open: { type: "boolean", default: false } } },
    events: {
      OPEN: {},
      SCORE: {
        payload: { type: "object", required: ["score"], properties: { score: { type: "number" } } },
      },
    },
    machine: {
      on: {
        OPEN: { actions: { type: "assign", params: { open: true } } },
        SCORE: { guard: "= open && event.score > 6", actions: [] },
      },
    },
  });
  const { order } = startOrder(executable);

  test("blocks its event while another of its conditions is false", () => {
    const { enabled, blocked } = choices(executable, order, technician, NOW);
    expect(enabled.map(({ event }) => event)).toEqual(["OPEN"]);
    expect(blocked).toMatchObject([{ event: "SCORE", because: "= open && event.score > 6" }]);
  });

  test("leaves its event enabled with `when` once only the payload is left to judge", () => {
    const opened = stepped(send(executable, order, "OPEN")).order;
    const { enabled, blocked } = choices(executable, opened, technician, NOW);
    expect(enabled).toMatchObject([
      { event: "OPEN" },
      { event: "SCORE", when: "= open && event.score > 6" },
    ]);
    expect(blocked).toEqual([]);
  });
});
