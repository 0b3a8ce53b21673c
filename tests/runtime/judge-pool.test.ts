/** Definitions are judged in threads: the same judgement, bounded, and the server's own thread free meanwhile. */

import { afterEach, describe, expect, test } from "vitest";
import { judged, type Judgement } from "../../src/runtime/judgement.ts";
import { createJudgePool, type JudgeLimits, type JudgePool } from "../../src/runtime/judge-pool.ts";
import { definitionFile } from "../http/server.ts";
import { PARCEL } from "./parcel.ts";

const LIMITS: JudgeLimits = {
  ...{ threads: 1, waiting: 2, cpuMs: 60_000, patienceMs: 120_000, memoryMb: 96 },
};

const pools: JudgePool[] = [];
const pool = (limits: Partial<JudgeLimits> = {}): JudgePool => {
  const made = createJudgePool({ ...LIMITS, ...limits });
  pools.push(made);
  return made;
};
afterEach(async () => {
  await Promise.all(pools.splice(0).map((each) => each.close()));
});

const yaml = (text: string) => ({ text, format: "yaml" as const });

/** So many states in a ring. */
function ring(count: number) {
  const states = Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`s${at}`, { on: { GO: `s${(at + 1) % count}` } }]),
  );
  const text = JSON.stringify({
    ...{ process: "ring", version: "1.0.0", machine: { initial: "s0", states } },
  });
  return { text, format: "json" as const };
}

describe("a judgement in a thread", () => {
  test("is the one that this thread would give, for good and for bad, again and again", async () => {
    const { judge } = pool();
    for (const text of [PARCEL, "process: [", await definitionFile("traditional-4s/1.0.0.yaml")]) {
      expect(await judge(yaml(text))).toEqual(judged(yaml(text)));
    }
  });

  test("of a text that is too much work ends, and the next one is judged", async () => {
    const { judge } = pool({ cpuMs: 50 });
    expect(await judge(ring(9_000))).toEqual({ kind: "costly" });
    expect(await judge(yaml("process: ["))).toMatchObject({ kind: "judged", definition: null });
  });

  test("of a text that needs too much memory ends, and the next one is judged", async () => {
    const { judge } = pool({ memoryMb: 40 });
    expect(await judge(ring(9_000))).toEqual({ kind: "costly" });
    expect(await judge(yaml("process: ["))).toMatchObject({ kind: "judged" });
  });

  test("is refused when too many wait, and when the pool is closed", async () => {
    const made = pool();
    const asked = Array.from({ length: 4 }, () => made.judge(yaml(PARCEL)));
    const kinds = (await Promise.all(asked)).map(({ kind }: Judgement) => kind);
    expect(kinds).toEqual(["judged", "judged", "judged", "busy"]);
    await made.close();
    expect(await made.judge(yaml(PARCEL))).toEqual({ kind: "busy" });
  });

  test("leaves this thread free", async () => {
    const { judge } = pool();
    let beats = 0;
    const heart = setInterval(() => (beats += 1), 10);
    await judge(ring(3_000));
    clearInterval(heart);
    // Each of the thousand milliseconds or more that it takes would hold this timer back.
    expect(beats).toBeGreaterThan(10);
  });
});
