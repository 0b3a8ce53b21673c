/** A flood of due timers: all at once but not too many, an order's one by one, shared by servers, and none forgotten. */

import { setImmediate } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";

import { createTimerLoop, type TimerPorts } from "../../src/runtime/due-timers.ts";
import { systemClock, systemRandom } from "../../src/runtime/platform.ts";
import { createWindow } from "../../src/runtime/window.ts";
import type { DueTimer } from "../../src/store/contracts/time.ts";
import { StoreUnavailable } from "../../src/store/errors.ts";
import { until } from "./engine.ts";

const NOON = Date.parse("2026-03-01T12:00:00Z");

/** Timers of a store in memory, and what became of them. */
function flood(orders: number, each = 1) {
  const pending = new Map<string, DueTimer>();
  for (let order = 1; order <= orders; order += 1) {
    for (let timer = 1; timer <= each; timer += 1) {
      const due = { orderId: `o${order}`, id: `${timer}.1`, dueAt: NOON + timer };
      pending.set(`${due.orderId} ${due.id}`, due);
    }
  }
  const fired: string[] = [];
  let attempts = 0;
  let pages = 0;
  const ports: TimerPorts = {
    timers: {
      due: async (limit, share) => {
        pages += 1;
        const own = [...pending.values()].filter(
          ({ orderId }) =>
            share === undefined || Number(orderId.slice(1)) % share.of === share.index,
        );
        await setImmediate();
        return own.slice(0, limit);
      },
      next: async () => null,
    },
    now: async () => NOON,
    fire: async ({ orderId, id }) => {
      attempts += 1;
      const name = `${orderId} ${id}`;
      await setImmediate();
      await setImmediate();
      if (!pending.delete(name)) return "gone";
      fired.push(name);
      return "moved";
    },
    ...{ clock: systemClock, random: systemRandom },
    log: { info: () => {}, warn: () => {}, error: () => {} },
  };
  return { ports, pending, fired, attempts: () => attempts, pages: () => pages };
}

function started(ports: TimerPorts) {
  const loop = createTimerLoop(ports);
  loop.start();
  onTestFinished(() => loop.stop());
  return loop;
}

describe("a flood of due timers", () => {
  test("is fired once each, some hundred orders at once, whatever its size", async () => {
    const { ports, pending, fired, attempts, pages } = flood(20_000);
    let [underWay, most] = [0, 0];
    started({
      ...ports,
      fire: async (timer) => {
        most = Math.max(most, (underWay += 1));
        const outcome = await ports.fire(timer);
        underWay -= 1;
        return outcome;
      },
    });
    await until(async () => pending.size === 0);
    expect(new Set(fired).size).toBe(20_000);
    expect(attempts()).toBe(20_000);
    expect(most).toBe(512);
    expect(pages()).toBeLessThan(10);
  });

  test("is not looked through again while many of its last page wait", async () => {
    const { ports, pending, pages } = flood(4_000);
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    started({
      ...ports,
      clock: {
        ...systemClock,
        sleep: async () => {
          await setImmediate();
        },
      },
      fire: async (timer) => {
        await held;
        return ports.fire(timer);
      },
    });
    await until(async () => pages() > 0);
    for (let turn = 0; turn < 100; turn += 1) await setImmediate();
    expect(pages()).toBe(1);
    release();
    await until(async () => pending.size === 0);
  });

  test("has an order's timers one after the other, in the order in which they are due", async () => {
    const { ports, pending, fired } = flood(2_000, 3);
    const busy = new Set<string>();
    started({
      ...ports,
      fire: async (timer) => {
        expect(busy.has(timer.orderId)).toBe(false);
        busy.add(timer.orderId);
        const outcome = await ports.fire(timer);
        busy.delete(timer.orderId);
        return outcome;
      },
    });
    await until(async () => pending.size === 0);
    const ofOne = fired.filter((name) => name.startsWith("o77 "));
    expect(ofOne).toEqual(["o77 1.1", "o77 2.1", "o77 3.1"]);
  });

  test("goes on beside an order that hangs, and so does what falls due meanwhile", async () => {
    const { ports, pending, fired } = flood(3_000);
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    started({
      ...ports,
      fire: async (timer) => {
        if (timer.orderId === "o5") await held;
        return ports.fire(timer);
      },
    });
    await until(async () => pending.size === 1);
    pending.set("o9999 1.1", { orderId: "o9999", id: "1.1", dueAt: NOON });
    await until(async () => fired.includes("o9999 1.1"));
    release();
    await until(async () => pending.size === 0);
  });

  test("is shared by three servers, few of whose attempts are in vain", async () => {
    const { ports, pending, fired, attempts } = flood(60_000);
    const own = [0, 0, 0];
    for (const server of own.keys()) {
      started({
        ...ports,
        fire: async (timer) => {
          const outcome = await ports.fire(timer);
          if (outcome === "moved") own[server] = (own[server] ?? 0) + 1;
          return outcome;
        },
      });
    }
    await until(async () => pending.size === 0);
    expect(new Set(fired).size).toBe(60_000);
    console.log(`timers: 60000 fired by 3 servers (${own.join(", ")}), ${attempts()} attempts`);
    // With 512 orders under way each, a quarter to two fifths of the attempts came second.
    expect(attempts()).toBeLessThan(60_000 * 1.5);
    for (const count of own) expect(count).toBeGreaterThan(10_000);
  });

  test("waits while the database is away, and leaves alone for a while what could not be moved", async () => {
    const { ports, pending, attempts } = flood(1_000);
    const logged: string[] = [];
    let isAway = true;
    let poison = 0;
    started({
      ...ports,
      log: { ...ports.log, error: (_, message) => logged.push(message) },
      fire: async (timer) => {
        if (isAway) throw new StoreUnavailable("away");
        if (timer.orderId !== "o3") return ports.fire(timer);
        poison += 1;
        return "left";
      },
    });
    await systemClock.sleep(1_500, new AbortController().signal);
    expect(attempts()).toBe(0);
    expect(logged.length).toBeLessThan(3);
    isAway = false;
    await until(async () => pending.size === 1);
    expect(poison).toBeLessThan(5);
  });

  test("ends with what is under way when the server stops", async () => {
    const { ports, pending, attempts } = flood(5_000);
    const loop = createTimerLoop(ports);
    loop.start();
    await until(async () => attempts() > 0);
    await loop.stop();
    const stopped = attempts();
    expect(pending.size).toBe(5_000 - stopped);
    await systemClock.sleep(20, new AbortController().signal);
    expect(attempts()).toBe(stopped);
  });
});

describe("a window", () => {
  test("does not take again what ended while the page was on its way", async () => {
    const done: number[] = [];
    const releases: (() => void)[] = [];
    const window = createWindow<number>({
      ...{ width: 2, keyOf: String, onEnd: () => {} },
      work: async (item) => {
        await new Promise<void>((resolve) => releases.push(resolve));
        done.push(item);
      },
    });
    expect(await window.fill(async () => [1, 2, 3])).toBe(3);
    expect([window.underWay(), window.waiting()]).toEqual([2, 1]);
    const fresh = window.fill(async () => {
      releases.shift()?.();
      await setImmediate();
      return [1, 2, 3, 4];
    });
    expect(await fresh).toBe(1);
    expect(done).toEqual([1]);
    expect(await window.fill(async () => [1, 2])).toBe(1);
    await expect(window.fill(() => Promise.reject(new Error("away")))).rejects.toThrow("away");
    const stopped = window.stop();
    for (const release of releases) release();
    await stopped;
    expect(done).toEqual([1, 2, 3]);
  });
});
