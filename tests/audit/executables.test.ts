/** Published definitions come compiled into memory without holding anybody up, in one way as in the other. */

import { describe, expect, test } from "vitest";
import { judge } from "../../machines/compile/judge.ts";
import { start } from "../../machines/step/start.ts";
import { step } from "../../machines/step/step.ts";
import { createExecutables } from "../../src/audit/executables.ts";

const COUNT = 3_000;

function ring(): { readonly digest: string; readonly canonical: string } {
  const states = Array.from({ length: COUNT }, (_, place) => [
    `s${place}`,
    { on: { GO: { target: `s${(place + 1) % COUNT}`, guard: `= steps < ${place + 9}.0` } } },
  ]);
  const text = JSON.stringify({
    ...{ process: "ring", version: "1.0.0", events: { GO: {} } },
    data: { type: "object", properties: { steps: { type: "number", default: 0 } } },
    machine: { initial: "s0", states: Object.fromEntries(states) },
  });
  const { digest, canonical } = judge(text, "json");
  if (digest === null || canonical === null) throw new Error("expected a definition");
  return { digest, canonical };
}

describe("executables", () => {
  test("are compiled in parts, others having their turn between them, and run as those compiled at once", async () => {
    const { digest, canonical } = ring();
    let turns = 0;
    const turn = (): Promise<void> => {
      turns += 1;
      return Promise.resolve();
    };
    const inTurns = await createExecutables().compileInTurns(digest, canonical, turn);
    expect(turns).toBe(3);
    const atOnce = createExecutables().compile(digest, canonical);
    const at = "2026-11-22T08:00:00.000Z";
    const [one, other] = [inTurns, atOnce].map((executable) => {
      const actor = { sub: "ann", role: "clerk", centre: null };
      const identity = { id: "o1", businessKey: null, centre: null };
      const started = start(executable, { identity, data: {}, actor }, at);
      if (started.kind !== "stepped") throw new Error("expected a start");
      return step(executable, started.order, { type: "GO", payload: {}, actor }, at);
    });
    expect(one).toMatchObject({ order: { snapshot: { value: "s1" } } });
    expect(one).toEqual(other);
  });

  test("are not compiled from a text that is another one", async () => {
    const { canonical } = ring();
    const other = createExecutables().compileInTurns("0".repeat(64), canonical, () =>
      Promise.resolve(),
    );
    await expect(other).rejects.toThrow(/Expected the definition 0000/);
  });
});
