import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openKeystore, type KeystorePlan } from "../../src/keys/open-keystore.ts";
import { describeOnPlaces, hex } from "./places.ts";

const ROUNDS = 6;
const PROCESSES = 2;
/** Each round's kill comes this many acknowledgements later than the last one's. */
const LATER_EACH = 37;

const MAKER = fileURLToPath(new URL("key-maker.ts", import.meta.url));

/** What one process was given, until it was killed. */
type Acknowledged = ReadonlyMap<string, string>;

describeOnPlaces("a keystore whose servers are killed", ["folder", "postgres"], (_open, plan) => {
  test("keeps every key that was acknowledged, and gave all servers the same", async () => {
    let checked = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const untilKill = 20 + round * LATER_EACH;
      const all = await Promise.all(
        Array.from({ length: PROCESSES }, () => killedAfter(untilKill, plan(), String(round))),
      );
      checked += await expectKept(all, plan());
    }
    expect(checked).toBeGreaterThan(ROUNDS * PROCESSES * 20);
  });
});

/** All processes of a round make keys of the same tags. */
async function killedAfter(
  count: number,
  { place, dataFolder }: KeystorePlan,
  round: string,
): Promise<Acknowledged> {
  const flags = [MAKER, place, dataFolder, round];
  const maker: ChildProcess = spawn(process.execPath, flags, {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(maker, "close");
  const told = new Map<string, string>();
  if (maker.stdout === null) throw new Error("expected the process's output");
  for await (const line of createInterface({ input: maker.stdout })) {
    const [tag = "", key = ""] = line.split(" ");
    // The kill may come in the middle of a line.
    if (key.length === 64) told.set(tag, key);
    if (told.size === count) maker.kill("SIGKILL");
  }
  await ended;
  expect(maker.signalCode).toBe("SIGKILL");
  return told;
}

async function expectKept(all: readonly Acknowledged[], plan: KeystorePlan): Promise<number> {
  const keystore = openKeystore(plan);
  await keystore.prepare();
  try {
    let checked = 0;
    for (const told of all) {
      const there = await keystore.read([...told.keys()]);
      const kept = [...told.keys()].map((tag) => [tag, hex(there.get(tag))]);
      expect(kept).toEqual([...told]);
      checked += told.size;
    }
    return checked;
  } finally {
    await keystore.close();
  }
}
