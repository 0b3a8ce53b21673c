/** The runtime's small parts: ids, lanes, loops, roles, positions, and that nothing reaches around the ports. */

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { actorsOf, maySeePersons, reaches, takingPart } from "../../src/runtime/caller.ts";
import { uuidv7 } from "../../src/runtime/ids.ts";
import { inLanes } from "../../src/runtime/lanes.ts";
import { createLoop } from "../../src/runtime/loop.ts";
import { systemClock, systemRandom } from "../../src/runtime/platform.ts";
import type { Clock } from "../../src/runtime/ports.ts";
import { stepOf, tagsOf } from "../../src/runtime/position.ts";
import { executableOf, PARCEL_EXECUTABLE } from "../audit/history.ts";
import { endsWithin } from "../support/in-time.ts";

const NEVER = new AbortController().signal;
const silent = { info: () => {}, warn: () => {}, error: () => {} };

describe("uuidv7", () => {
  const at = (now: number): Clock => ({ ...systemClock, now: () => now });

  test("has the layout of RFC 9562, section 5.7", () => {
    const random = (size: number) => new Uint8Array(size).fill(0xff);
    // The example's instant of RFC 9562, appendix A.6.
    const id = uuidv7({ clock: at(0x017f22e279b0), random });
    expect(id).toBe("017f22e2-79b0-7fff-bfff-ffffffffffff");
  });

  test("sorts by time, and is never the same twice", () => {
    const ids = Array.from({ length: 100 }, (_, ms) =>
      uuidv7({ clock: at(ms * 1_000), random: systemRandom }),
    );
    expect(ids.toSorted()).toEqual(ids);
    const one = () => uuidv7({ clock: at(0), random: systemRandom });
    expect(new Set(Array.from({ length: 1_000 }, one)).size).toBe(1_000);
  });
});

describe("inLanes", () => {
  test("does everything once, so many at a time", async () => {
    let running = 0;
    let most = 0;
    const done: number[] = [];
    await inLanes([1, 2, 3, 4, 5, 6, 7], 3, NEVER, async (item) => {
      most = Math.max(most, (running += 1));
      await systemClock.sleep(1, NEVER);
      running -= 1;
      done.push(item);
    });
    expect(new Set(done)).toEqual(new Set([1, 2, 3, 4, 5, 6, 7]));
    expect(done).toHaveLength(7);
    expect(most).toBe(3);
  });

  test("begins nothing more after a failure or an abort, and rests before it says so", async () => {
    const done: number[] = [];
    const work = inLanes([1, 2, 3, 4], 2, NEVER, async (item) => {
      await systemClock.sleep(item, NEVER);
      if (item === 1) throw new Error("one");
      done.push(item);
    });
    await expect(work).rejects.toThrow("one");
    expect(done).toEqual([2]);
    await inLanes([5], 2, AbortSignal.abort(), async (item) => void done.push(item));
    expect(done).toEqual([2]);
  });
});

describe("a loop", () => {
  test("goes on after a round that failed, and logs it", async () => {
    const errors: string[] = [];
    const clock: Clock = { now: () => 0, sleep: async () => {} };
    let rounds = 0;
    const log = { ...silent, error: (_: object, message: string) => void errors.push(message) };
    const { promise, resolve } = Promise.withResolvers<void>();
    const loop = createLoop({ clock, log }, "test", async () => {
      if ((rounds += 1) === 1) throw new Error("no luck");
      resolve();
      return 1_000;
    });
    loop.start();
    await promise;
    await loop.stop();
    expect(errors).toHaveLength(1);
  });

  test("is woken from its pause, and overhears no call during a round", async () => {
    let rounds = 0;
    const gates = [
      Promise.withResolvers<void>(),
      Promise.withResolvers<void>(),
      Promise.withResolvers<void>(),
    ];
    const loop = createLoop({ clock: systemClock, log: silent }, "test", async () => {
      rounds += 1;
      if (rounds === 1) loop.wake();
      gates[rounds - 1]?.resolve();
      return 60_000;
    });
    loop.start();
    const woken = async (): Promise<void> => {
      await gates[1]?.promise;
      loop.wake();
      await gates[2]?.promise;
    };
    // Left alone it would look again after a second.
    expect(await endsWithin(900, woken)).toBe(true);
    await loop.stop();
    expect(rounds).toBe(3);
  });

  test("that stops waits for the round under way", async () => {
    const gate = Promise.withResolvers<void>();
    let ended = false;
    const loop = createLoop({ clock: systemClock, log: silent }, "test", async () => {
      gate.resolve();
      await systemClock.sleep(30, NEVER);
      ended = true;
      return 0;
    });
    loop.start();
    await gate.promise;
    await loop.stop();
    expect(ended).toBe(true);
  });
});

describe("a caller", () => {
  const caller = (roles: readonly string[], centres: readonly string[] | null = null) => ({
    sub: "kim",
    roles,
    centres,
  });

  test("reaches its centres; orders without one only when it reaches all", () => {
    expect(reaches(caller([], null), null)).toBe(true);
    expect(reaches(caller([], ["north"]), "north")).toBe(true);
    expect(reaches(caller([], ["north"]), "south")).toBe(false);
    expect(reaches(caller([], ["north"]), null)).toBe(false);
  });

  test("acts in each role that may, in the token's order, else in its first", () => {
    const roles = (held: readonly string[], by: readonly string[] | null) =>
      actorsOf(caller(held), by, null).map(({ role }) => role);
    expect(roles(["lead", "clerk", "courier"], ["clerk", "lead"])).toEqual(["lead", "clerk"]);
    expect(roles(["lead", "clerk"], ["courier"])).toEqual(["lead"]);
    expect(roles(["lead", "clerk"], null)).toEqual(["lead"]);
    expect(roles([], ["clerk"])).toEqual(["none"]);
    // Whatever a document says, nobody acts as auditor.
    expect(roles(["auditor", "clerk"], null)).toEqual(["clerk"]);
    expect(roles(["auditor", "clerk"], ["auditor", "clerk"])).toEqual(["clerk"]);
  });

  test("sees persons' data when it takes part, or is admin; an auditor never does", () => {
    const sees = (...roles: string[]) => maySeePersons(PARCEL_EXECUTABLE, caller(roles));
    expect([sees("clerk"), sees("admin"), sees("auditor", "clerk")]).toEqual([true, true, true]);
    expect([sees("auditor"), sees("designer"), sees()]).toEqual([false, false, false]);
    const open = executableOf(
      "process: open\nversion: 1.0.0\nmachine: { initial: a, states: { a: { type: final } } }",
    );
    expect(takingPart(open, caller(["anyone", "auditor"]))).toEqual(["anyone"]);
  });
});

describe("a position", () => {
  const CHART = executableOf(`
process: chart
version: 1.0.0
machine:
  type: parallel
  states:
    left: { meta: { step: one }, tags: [l], initial: a, states: { a: { initial: b, states: { b: { tags: [deep, l] } } } } }
    right: { initial: c, states: { c: { meta: { step: two }, tags: [r] } } }
`).order;
  const value = { left: { a: "b" }, right: "c" };

  test("is in the step of the deepest active state that names one", () => {
    expect(stepOf(CHART, value)).toBe("two");
    expect(stepOf(PARCEL_EXECUTABLE.order, "delivered")).toBe(null);
    expect(stepOf(PARCEL_EXECUTABLE.order, { road: "moving" })).toBe("transport");
    expect(stepOf(PARCEL_EXECUTABLE.order, { road: "late" })).toBe("chase");
  });

  test("has the tags of all active states, once each, in document order", () => {
    expect(tagsOf(CHART, value)).toEqual(["l", "deep", "r"]);
  });
});

describe("the runtime", () => {
  /**
   * What real ports are made of: the clock and randomness, the way out to webhooks, the judge's threads, files for what is too
   * large for memory; and texts of our own that lie in files: the verifier, and the process of cases.
   */
  const PLATFORM = [
    "src/audit/evidence/readme.ts",
    "src/runtime/judge-pool.ts",
    "src/runtime/judge-worker.ts",
    "src/runtime/platform.ts",
    "src/runtime/privacy/case-process.ts",
    "src/runtime/spool.ts",
    "src/runtime/webhook-outlet.ts",
  ];

  /** What gives the same everywhere (hashes, ciphers, Ed25519, a text's form), or gives nothing (a turn of the event loop). */
  const HARMLESS = new Map([
    [
      "node:crypto",
      [
        ...["createCipheriv", "createDecipheriv", "createHash", "createHmac", "hkdfSync"],
        ...["hash", "timingSafeEqual", "createSecretKey", "createPrivateKey", "createPublicKey"],
        ...["sign", "verify"],
      ],
    ],
    ["node:util", ["isDeepStrictEqual"]],
    ["node:net", ["isIP"]],
    ["node:timers/promises", ["setImmediate"]],
  ]);

  const AMBIENT =
    /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\.|(?<!-)\bprocess\.|\bcrypto\.|\bset(?:Timeout|Interval)\b|\bfetch\(|\bTemporal\.Now\b/g;
  const IMPORTED =
    /^import (?:\{([^}]*)\}|[^{;]*) from "(node:[^"]+)";|\bimport\("(node:[^"]+)"\)/gm;

  /** @returns what a file takes from the system it runs on */
  const reached = (source: string): readonly string[] => {
    const text = source.replace(/\/\*[^]*?\*\/|\/\/.*/g, "");
    const imported = [...text.matchAll(IMPORTED)].flatMap(([, names = "*", from, late]) => {
      const module = from ?? late ?? "";
      return names
        .split(",")
        .map((name) => name.trim())
        .filter(
          (name) =>
            name !== "" &&
            !name.startsWith("type ") &&
            !(HARMLESS.get(module) ?? []).includes(name),
        )
        .map((name) => `${name} of ${module}`);
    });
    return [...imported, ...[...text.matchAll(AMBIENT)].map(([found]) => found)];
  };

  test("reaches for no clock, no randomness and no environment but through its ports", () => {
    const folders = ["src/runtime", "src/audit"];
    const files = folders.flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".ts"))
        .map((name) => `${folder}/${name}`),
    );
    expect(files.length).toBeGreaterThan(20);
    const reaching = files.filter((file) => reached(readFileSync(file, "utf8")).length > 0);
    expect(reaching.toSorted()).toEqual(PLATFORM);
  });

  test.each([
    ['import { createHash, randomBytes } from "node:crypto";', ["randomBytes of node:crypto"]],
    [
      'import {\n  createHash,\n  randomUUID,\n} from "node:crypto";',
      ["randomUUID of node:crypto"],
    ],
    [
      'import { setTimeout } from "node:timers/promises";',
      ["setTimeout of node:timers/promises", "setTimeout"],
    ],
    ['import crypto from "node:crypto";', ["* of node:crypto"]],
    ['const fs = await import("node:fs");', ["* of node:fs"]],
    ["const at = Date.now();", ["Date.now"]],
    ["const at = process.hrtime();", ["process."]],
    ['import { caseOf } from "./case-process.ts";', []],
    ['import { hash, type KeyObject } from "node:crypto";', []],
    ["const mine = crypto.randomUUID();", ["crypto."]],
    ['import { createHash } from "node:crypto"; // unlike Math.random()', []],
  ])("is judged by what it takes: %s", (text, expected) => {
    expect(reached(text)).toEqual(expected);
  });
});
