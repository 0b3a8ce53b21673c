import { describe, expect, test } from "vitest";
import { createBell } from "../../src/runtime/bell.ts";
import { createBus, type Bus } from "../../src/runtime/bus.ts";
import { systemClock, systemRandom } from "../../src/runtime/platform.ts";
import type { Signals } from "../../src/store/contracts/signals.ts";
import { localSignals } from "../../src/store/local-signals.ts";
import { describeOnDatabases } from "../support/databases.ts";
import { until } from "./engine.ts";

const never = new AbortController().signal;
const silent = { info: () => {}, warn: () => {}, error: () => {} };
const ports = { clock: systemClock, random: systemRandom, log: silent };

/** As many buses as servers on one database, started and connected. */
async function buses(signals: readonly Signals[]): Promise<readonly Bus[]> {
  const made = signals.map((each) => createBus({ ...ports, signals: each }));
  for (const bus of made) {
    let isConnected = false;
    const unsubscribe = bus.subscribe("feed", () => (isConnected = true));
    bus.start();
    await until(async () => isConnected);
    unsubscribe();
  }
  return made;
}

function counting(bus: Bus, topic: Parameters<Bus["subscribe"]>[0]): () => number {
  let wakes = 0;
  bus.subscribe(topic, () => (wakes += 1));
  return () => wakes;
}

describeOnDatabases("the bus", (open) => {
  test("wakes its own server at once and the other servers soon, each for its topics only", async () => {
    const stores = [await open(), await open()];
    const [one, other] = await buses(stores.map(({ signals }) => signals));
    if (one === undefined || other === undefined) throw new Error("expected two buses");
    const [here, there] = [counting(one, "job:paint"), counting(other, "job:paint")];
    const [elsewhere, marker] = [counting(other, "job:weld"), counting(other, "timers")];
    one.publish(["job:paint"]);
    expect(here()).toBe(1);
    one.publish(["timers"]);
    await until(async () => marker() === 1);
    expect([here(), there(), elsewhere()]).toEqual([1, 1, 0]);
    await Promise.all([one.stop(), other.stop()]);
  });

  test("carries thousands of topics in a few words, and wakes everybody beyond that", async () => {
    const stores = [await open(), await open()];
    const [one, other] = await buses(stores.map(({ signals }) => signals));
    if (one === undefined || other === undefined) throw new Error("expected two buses");
    const [last, bystander] = [counting(other, "job:400"), counting(other, "deliveries")];
    one.publish(Array.from({ length: 401 }, (_, index) => `job:${index}` as const));
    await until(async () => last() === 1);
    expect(bystander()).toBe(0);
    one.publish(Array.from({ length: 5_000 }, (_, index) => `job:${index}` as const));
    await until(async () => bystander() === 1);
    expect(last()).toBeGreaterThanOrEqual(2);
    await Promise.all([one.stop(), other.stop()]);
  });
});

describe("the bus", () => {
  test("gathers what is published while a word is on its way", async () => {
    const sent: (readonly string[])[] = [];
    const signals: Signals = {
      ...localSignals(),
      send: async (words) => {
        sent.push(words);
      },
    };
    const [bus] = await buses([signals]);
    for (let index = 0; index < 100; index += 1) bus?.publish([`job:${index}`]);
    await until(async () => sent.length === 2);
    expect(sent.flat().join("\n").match(/job:/g)).toHaveLength(100);
    await bus?.stop();
  });

  test("keeps on when a word can't be sent, and wakes its own server all the same", async () => {
    let failures = 0;
    const signals: Signals = {
      ...localSignals(),
      send: async () => {
        failures += 1;
        throw new Error("no connection");
      },
    };
    const [bus] = await buses([signals]);
    if (bus === undefined) throw new Error("expected a bus");
    const wakes = counting(bus, "timers");
    bus.publish(["timers"]);
    await until(async () => failures === 1);
    bus.publish(["timers"]);
    await until(async () => failures === 2);
    expect(wakes()).toBe(2);
    await bus.stop();
  });

  test("sends no topic that would break a word in two", async () => {
    const heard: string[] = [];
    const signals = localSignals();
    const [bus] = await buses([signals]);
    signals.listen((word) => heard.push(word ?? ""));
    bus?.publish(["job:a\n*", `job:${"x".repeat(9_000)}`, "job:b"]);
    await until(async () => heard.some((word) => word.endsWith("\njob:b")));
    expect(heard.join("\n").split("\n")).not.toContain("*");
    await bus?.stop();
  });
});

describe("a bell", () => {
  test("that rang between two waits ends the next wait at once, and only that one", async () => {
    const bus = createBus({ ...ports, signals: localSignals() });
    const bell = createBell({ bus, clock: systemClock }, ["job:1", "job:2"]);
    bus.publish(["job:2"]);
    bus.publish(["job:1"]);
    expect(await waited(() => bell.wait(10_000, never))).toBeLessThan(5_000);
    expect(await waited(() => bell.wait(50, never))).toBeGreaterThanOrEqual(40);
  });

  test("is deaf once it is closed, and gives way to the signal", async () => {
    const bus = createBus({ ...ports, signals: localSignals() });
    const bell = createBell({ bus, clock: systemClock }, ["feed"]);
    bell.close();
    bus.publish(["feed"]);
    expect(await waited(() => bell.wait(50, never))).toBeGreaterThanOrEqual(40);
    expect(await waited(() => bell.wait(10_000, AbortSignal.timeout(20)))).toBeLessThan(5_000);
  });
});

async function waited(wait: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await wait();
  return performance.now() - startedAt;
}
