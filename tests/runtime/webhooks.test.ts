/** Webhooks over several servers, a failing receiver, kills and rotations, on a virtual clock: nothing lost, all in order. */

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { systemClock } from "../../src/runtime/platform.ts";
import { StoreUnavailable } from "../../src/store/errors.ts";
import type { Store } from "../../src/store/store.ts";
import { describeOnDatabases } from "../support/databases.ts";
import { BEACON, EFFECTS } from "./beacon.ts";
import { ADMIN, granted, server, START, type Hand, type Server } from "./engine.ts";
import { virtualClock } from "./virtual-clock.ts";
import { createStorm, type Storm } from "./webhook-storm.ts";

/** `WEBHOOK_EVENTS=10000` for the whole count of the promise. */
const GIVEN_EVENTS = process.env["WEBHOOK_EVENTS"];
/** The storm lasts as long on PGlite, which does one thing at a time. */
const EVENTS_ON = { pglite: 500, postgres: 2_000 } as const;
const BLINKS = 3;
const PER_ORDER = 1 + BLINKS * (1 + EFFECTS);
const STORM_MS = 600_000;
const STEP_MS = 5_000;
const KEEPER = { sub: "kim", roles: ["keeper"], centres: null };

describeOnDatabases("webhooks", (open, kind) => {
  beforeEach(() => {
    // The official library judges timestamps by the platform's clock.
    vi.useFakeTimers({ toFake: ["Date"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const EVENTS = Number(GIVEN_EVENTS ?? EVENTS_ON[kind]);

  test(`${EVENTS} events reach a receiver that fails at random for ten minutes, by two servers of which one is killed`, async () => {
    const clock = virtualClock(Date.parse(START));
    const hand: Hand = { now: clock.now() };
    const pass = (ms: number): void => {
      clock.advance(ms);
      hand.now = clock.now();
      vi.setSystemTime(hand.now);
    };
    pass(0);
    const end = hand.now + STORM_MS;
    const chance = numbersFrom(20_261_122);
    let secret = "";
    const storm = createStorm({
      ...{ clock, chance, secret: () => secret },
      isStormy: () => clock.now() < end,
    });
    const outlet = { refusal: () => null, deliver: storm.deliver };
    const mortal = killable();
    const one = await server(async (ports) => mortal.wrap(await open(ports)), hand, {
      clock,
      outlet: { ...outlet, deliver: mortal.deliver(storm.deliver) },
    });
    const two = await server(open, hand, { clock, outlet });
    granted(await one.engine.definitions.publish(ADMIN, { text: BEACON, format: "yaml" }));
    const wanted = { url: "https://receiver.example/", events: ["*"] };
    const made = granted(await one.engine.webhooks.create(ADMIN, wanted));
    secret = made.secret;
    for (const { engine } of [one, two]) engine.start();

    const orders = Math.ceil(EVENTS / PER_ORDER);
    const writes = happenings(two, orders);
    const perStep = Math.ceil((orders * (BLINKS + 1) * STEP_MS) / STORM_MS);
    let following = "";
    for (let step = 0; storm.taken.size < orders || !isAllTaken(storm.taken); step += 1) {
      for (let count = 0; count < perStep; count += 1) await writes.next();
      if (step === 40) mortal.kill();
      if (step === 20 || step === 80) {
        const request = { overlapSeconds: 60 };
        following = granted(
          await two.engine.webhooks.rotate(ADMIN, made.webhook.id, request),
        ).secret;
      }
      if (step === 26 || step === 86) secret = following;
      await quiet(two.store, storm);
      pass(STEP_MS);
      if (step > 4_000) throw new Error(`not all arrived: ${JSON.stringify(storm.counts)}`);
    }
    await Promise.all([one, two].map(({ engine }) => engine.stop()));
    const { attempts, taken, lostAnswers, notReached } = storm.counts;
    const events = [...storm.taken.values()].flat().length;
    process.stdout.write(
      `webhooks (${kind}): ${events} events of ${orders} orders, ${attempts} attempts verified, ` +
        `${notReached} of them lost on the way, ${lostAnswers} answers lost, ${taken - events} doubles, ` +
        `${Math.round((hand.now - Date.parse(START)) / 1000)} virtual seconds\n`,
    );
    expect(events).toBe(orders * PER_ORDER);
    expect(events).toBeGreaterThanOrEqual(EVENTS);
    for (const [order, ids] of storm.firsts) expect(ids).toEqual(inOrder(order));
    for (const [order, ids] of storm.taken) expect(ids).toEqual(inOrder(order));
    const { items } = granted(
      await two.engine.webhooks.deliveries(ADMIN, made.webhook.id, { state: "dead", limit: 9 }),
    );
    expect(items).toEqual([]);
  }, 600_000);
});

/** Orders are made and blink, in turns. */
async function* happenings({ engine }: Server, orders: number): AsyncGenerator<string, void> {
  const ids: string[] = [];
  for (let order = 0; order < orders; order += 1) {
    const request = { process: "beacon", data: { keeper: "Kim" } };
    ids.push(granted(await engine.orders.create(KEEPER, request)).order.id);
    yield "created";
  }
  for (let blink = 0; blink < BLINKS; blink += 1) {
    for (const id of ids) {
      granted(await engine.orders.send(KEEPER, id, { type: "BLINK", payload: {} }));
      yield "blinked";
    }
  }
}

function isAllTaken(taken: ReadonlyMap<string, readonly string[]>): boolean {
  return [...taken.values()].every((ids) => ids.length === PER_ORDER);
}

/** What history says happened, in its order. */
function inOrder(order: string): readonly string[] {
  const blinks = Array.from({ length: BLINKS }, (_, index) => [
    `${order}_${index + 2}_changed`,
    ...Array.from({ length: EFFECTS }, (_, effect) => `${order}_${index + 2}_effect_${effect}`),
  ]);
  return [`${order}_1_created`, ...blinks.flat()];
}

/** Until nobody works and nothing is due now, or nothing more happens before time goes on. */
async function quiet({ deliveries }: Store, { working, counts }: Storm): Promise<void> {
  const never = new AbortController().signal;
  let idle = 0;
  while (idle < 40) {
    const { attempts } = counts;
    await systemClock.sleep(1, never);
    if (working() === 0 && (await deliveries.dueIn([])) !== 0) return;
    idle = working() > 0 || counts.attempts > attempts ? 0 : idle + 1;
  }
}

/** A server that can be cut off from database and network in an instant, whatever it was doing. */
function killable() {
  let isDead = false;
  const living = <Arguments extends readonly unknown[], Result>(
    work: (...given: Arguments) => Promise<Result>,
  ) => {
    return async (...given: Arguments): Promise<Result> => {
      if (isDead) throw new StoreUnavailable("killed");
      const result = await work(...given);
      if (isDead) throw new StoreUnavailable("killed");
      return result;
    };
  };
  return {
    kill: () => {
      isDead = true;
    },
    wrap: (store: Store): Store => {
      const { claim, finish, release } = store.deliveries;
      const mortal = { claim: living(claim), finish: living(finish), release: living(release) };
      return { ...store, deliveries: { ...store.deliveries, ...mortal } };
    },
    deliver: living,
  };
}

/** Mulberry32: the same numbers from the same seed. */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
