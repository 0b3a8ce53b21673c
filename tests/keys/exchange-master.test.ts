import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { expect, test, vi } from "vitest";
import { createKeystore } from "../../src/keys/create-keystore.ts";
import { exchangeMaster, retireMasters } from "../../src/keys/exchange-master.ts";
import type { KeyRecords } from "../../src/keys/key-records.ts";
import { RECORD_BYTES } from "../../src/keys/key-record.ts";
import { keystoreParts, openKeystore, type KeystorePlan } from "../../src/keys/open-keystore.ts";
import { KeystoreUnfit } from "../../src/keys/unfit.ts";
import type { Keys, Keystore } from "../../src/runtime/keystore.ts";
import { handlePrototype } from "./handle-prototype.ts";
import { describeOnPlaces, hex } from "./places.ts";

const OLD = new Uint8Array(32).fill(1);
const NEW = new Uint8Array(32).fill(2);
const OTHER = new Uint8Array(32).fill(3);
const TAGS = Array.from({ length: 2_500 }, (_, number) => `tag ${number}`);

describeOnPlaces("the exchange of a master secret", ["folder", "postgres"], (_open, plan) => {
  const opened: Pick<Keystore, "close">[] = [];

  /** A place with the records of the test's keystore. */
  async function recordsHere(): Promise<KeyRecords> {
    const { records } = keystoreParts(plan());
    opened.push(records);
    await records.prepare();
    return records;
  }
  async function serverWith(secret: Uint8Array): Promise<Keystore> {
    const keystore = createKeystore(keystoreParts(plan()).records, fixed(secret));
    opened.push(keystore);
    await keystore.prepare();
    return keystore;
  }
  async function whenDone<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } finally {
      await Promise.all(opened.splice(0).map((each) => each.close()));
    }
  }

  test("keeps every key, and both secrets open it until the old one is retired", () =>
    whenDone(async () => {
      const running = await serverWith(OLD);
      const made = await running.ensure(TAGS);
      const tag = running.tagOf("customer 7");
      const records = await recordsHere();
      expect(await exchangeMaster(records, OLD, NEW)).toBe(TAGS.length);
      expect(await running.read(TAGS)).toEqual(made);
      expect(await (await serverWith(OLD)).read(TAGS)).toEqual(made);
      const next = await serverWith(NEW);
      expect(await next.read(TAGS)).toEqual(made);
      expect(next.tagOf("customer 7")).toBe(tag);
      expect(await retireMasters(records, NEW)).toBe(true);
      expect(await retireMasters(records, NEW)).toBe(false);
      await expect(serverWith(OLD)).rejects.toThrow(KeystoreUnfit);
      expect(await next.ensure(["later"])).toEqual(await (await serverWith(NEW)).read(["later"]));
      expect((await records.count()).live.size).toBe(1);
    }));

  test(
    "takes the keys of servers along that make and destroy them meanwhile",
    () =>
      whenDone(async () => {
        const servers = [await serverWith(OLD), await serverWith(OLD)] as const;
        await servers[0].ensure(TAGS);
        let isDone = false;
        const told = new Map<string, string | null>();
        const destroyed: string[] = [];
        const work = servers.map(async (server, index) => {
          for (let number = 0; !isDone; number++) {
            const tag = `server ${index} ${number}`;
            told.set(tag, hex((await server.ensure([tag])).get(tag)));
            const gone = TAGS[number * 2 + index];
            if (number % 5 !== 0 || gone === undefined) continue;
            await server.destroy([gone]);
            destroyed.push(gone);
          }
        });
        await exchangeMaster(await recordsHere(), OLD, NEW);
        isDone = true;
        await Promise.all(work);
        const after = await serverWith(NEW);
        const kept = await after.read([...told.keys()]);
        expect([...told.keys()].map((tag) => [tag, hex(kept.get(tag))])).toEqual([...told]);
        expect((await after.read(destroyed)).size).toBe(0);
        expect(destroyed.length).toBeGreaterThan(0);
        const others = TAGS.filter((tag) => !destroyed.includes(tag));
        expect((await after.read(others)).size).toBe(others.length);
        expect((await (await recordsHere()).count()).live.size).toBe(1);
      }),
    60_000,
  );

  test("goes on where it was stopped, whatever it was at", () =>
    whenDone(async () => {
      const server = await serverWith(OLD);
      const made = await server.ensure(TAGS);
      const records = await recordsHere();
      for (const stop of STOPS) {
        const stopping = exchangeMaster(stoppedAfter(records, stop), OLD, NEW);
        await expect(stopping).rejects.toThrow(/stopped/);
        expect(await server.read(TAGS)).toEqual(made);
        expect(await (await serverWith(OLD)).read(TAGS)).toEqual(made);
      }
      await exchangeMaster(records, OLD, NEW);
      expect(await (await serverWith(NEW)).read(TAGS)).toEqual(made);
      expect([...(await records.count()).live.values()]).toEqual([TAGS.length]);
    }));

  test("keeps a key that a server adds when the exchange has passed it by", () =>
    whenDone(async () => {
      await serverWith(OLD);
      const [records, late] = [await recordsHere(), await recordsHere()];
      const add: KeyRecords["add"] = async (keys) => {
        await exchangeMaster(records, OLD, NEW);
        return late.add(keys);
      };
      const server = createKeystore({ ...late, add }, fixed(OLD));
      await server.prepare();
      const made = await server.ensure(["late"]);
      await retireMasters(records, NEW);
      expect(await (await serverWith(NEW)).read(["late"])).toEqual(made);
    }));

  test("is refused while another one is not ended", () =>
    whenDone(async () => {
      await serverWith(OLD);
      const records = await recordsHere();
      await exchangeMaster(records, OLD, NEW);
      await expect(exchangeMaster(records, NEW, OTHER)).rejects.toThrow(KeystoreUnfit);
      await retireMasters(records, NEW);
      await exchangeMaster(records, NEW, OTHER);
      await expect(exchangeMaster(records, OLD, OTHER)).rejects.toThrow(KeystoreUnfit);
    }));
});

describeOnPlaces("a key destroyed while it is wrapped anew", ["folder"], (open, plan) => {
  test("stays destroyed", async () => {
    const server = await open();
    await server.ensure(["ann"]);
    const { records, master } = keystoreParts(plan());
    await records.prepare();
    const prototype = await handlePrototype(plan().place);
    const original = prototype.write;
    const destroying: Promise<unknown>[] = [];
    const spy = vi.spyOn(prototype, "write");
    spy.mockImplementation(async function (this: unknown, ...given) {
      if (given[2] !== RECORD_BYTES || destroying.length > 0) return original.apply(this, given);
      const destroyed = server.destroy(["ann"]);
      destroying.push(destroyed);
      // It waits for the lock; where there was none, it would be done by now.
      await Promise.race([destroyed, sleep(300)]);
      return original.apply(this, given);
    });
    await exchangeMaster(records, await master.read(), NEW);
    await Promise.all(destroying);
    spy.mockRestore();
    expect(destroying.length).toBe(1);
    expect((await server.read(["ann"])).size).toBe(0);
    await records.close();
  });
});

describeOnPlaces(
  "a key made again while the old one is wrapped anew",
  ["postgres"],
  (open, plan) => {
    test("stays as it was made", async () => {
      const server = await open();
      await server.ensure(["ann"]);
      const { records, master } = keystoreParts(plan());
      await records.prepare();
      const original: unknown = Reflect.get(pg.Pool.prototype, "query");
      if (typeof original !== "function") throw new Error("expected a pool with queries");
      let again: Keys | null = null;
      const spy = vi.spyOn(pg.Pool.prototype, "query");
      const between = async (): Promise<void> => {
        again = new Map();
        await server.destroy(["ann"]);
        again = await server.ensure(["ann"]);
      };
      spy.mockImplementation(function (this: pg.Pool, ...given: readonly unknown[]): unknown {
        const ask = (): unknown => Reflect.apply(original, this, given);
        const isUpdate = String(given[0]).startsWith("update sevenstep_keys set");
        return again === null && isUpdate ? between().then(ask) : ask();
      });
      await exchangeMaster(records, await master.read(), NEW);
      spy.mockRestore();
      expect(again).not.toBeNull();
      expect(await server.read(["ann"])).toEqual(again);
      await records.close();
    });
  },
);

describeOnPlaces("a copy of a folder made before an exchange", ["folder"], (open, plan) => {
  test("opens with the old secret alone, and the folder of afterwards with the new one alone", async () => {
    await (await open()).ensure(TAGS);
    const { records, master } = keystoreParts(plan());
    const old = await readFile(master.path, "utf8");
    const copy: KeystorePlan = { place: `${plan().place}-copy`, dataFolder: plan().dataFolder };
    await mkdir(copy.place);
    for (const name of ["keys", "envelope.json"]) {
      await copyFile(join(plan().place, name), join(copy.place, name));
    }
    await records.prepare();
    await exchangeMaster(records, await master.read(), NEW);
    await writeFile(master.path, Buffer.from(NEW).toString("hex"));
    await retireMasters(records, NEW);
    await records.close();
    await writeFile(join(copy.place, "secret"), Buffer.from(NEW).toString("hex"));
    await expect(readAll(copy)).rejects.toThrow(KeystoreUnfit);
    await writeFile(join(copy.place, "secret"), old);
    expect(await readAll(copy)).toBe(TAGS.length);
    await copyFile(join(copy.place, "envelope.json"), join(plan().place, "envelope.json"));
    await writeFile(master.path, old);
    await expect(readAll(plan())).rejects.toThrow(/does not know/);
  });
});

async function readAll(plan: KeystorePlan): Promise<number> {
  const keystore = openKeystore(plan);
  try {
    await keystore.prepare();
    return (await keystore.read(TAGS)).size;
  } finally {
    await keystore.close();
  }
}

function fixed(secret: Uint8Array) {
  const give = () => Promise.resolve(secret);
  return { path: "a test's", isOurs: true, read: give, make: give };
}

/** Each goes on where the one before was stopped. */
const STOPS = [
  { envelopes: 0, keys: 0 },
  { envelopes: 1, keys: 0 },
  { envelopes: 0, keys: 1_700 },
  { envelopes: 0, keys: 100 },
  { envelopes: 0, keys: 2_500 },
];

/** Lets so many changes through, and then no more. */
function stoppedAfter(
  records: KeyRecords,
  { envelopes, keys }: (typeof STOPS)[number],
): KeyRecords {
  const left = { envelopes, keys };
  const take = (what: "envelopes" | "keys"): void => {
    if (left[what] === 0) throw new Error("stopped");
    left[what]--;
  };
  return {
    ...records,
    rewrap: (names, anew) =>
      records.rewrap(names, (key) => {
        const other = anew(key);
        if (other !== null) take("keys");
        return other;
      }),
    replaceEnvelope: async (expected, text) => {
      take("envelopes");
      return records.replaceEnvelope(expected, text);
    },
  };
}
