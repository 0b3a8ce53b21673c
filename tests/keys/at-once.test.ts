/** Many work with one keystore at once, and its master secret is exchanged under them: each person's key stays one story. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { createKeystore } from "../../src/keys/create-keystore.ts";
import { exchangeMaster, retireMasters } from "../../src/keys/exchange-master.ts";
import { keystoreParts } from "../../src/keys/open-keystore.ts";
import { describeOnPlaces, hex } from "./places.ts";

const SERVERS = 3;
const PERSONS = 12;

/** What is asked for one person, one after the other, each of any server; all persons at once. */
const step = fc.record({
  ask: fc.constantFrom("ensure", "race", "read", "read", "destroy"),
  server: fc.nat(SERVERS - 1),
});
const stories = fc.array(fc.array(step, { minLength: 4, maxLength: 12 }), {
  minLength: PERSONS,
  maxLength: PERSONS,
});

describeOnPlaces("a keystore that many use at once", ["folder", "postgres"], (_open, plan) => {
  test("gives each person the key that was made last, and none that was destroyed", async () => {
    let run = 0;
    let secret = new Uint8Array(32).fill(1);
    const master = () => ({
      ...{ path: "a test's", isOurs: true },
      read: () => Promise.resolve(secret),
      make: () => Promise.resolve(secret),
    });
    await fc.assert(
      fc.asyncProperty(stories, async (told) => {
        run++;
        const servers = Array.from({ length: SERVERS }, () =>
          createKeystore(keystoreParts(plan()).records, master()),
        );
        const { records } = keystoreParts(plan());
        try {
          for (const server of servers) await server.prepare();
          await records.prepare();
          const exchange = async (): Promise<void> => {
            const next = new Uint8Array(32).fill(run + 1);
            await exchangeMaster(records, secret, next);
            secret = next;
            await retireMasters(records, next);
          };
          const story = async (steps: (typeof told)[number], person: number): Promise<void> => {
            const tag = `run ${run} person ${person}`;
            let expected: string | null = null;
            const before = new Set<string>();
            for (const { ask, server } of steps) {
              const keystore = servers[server];
              if (keystore === undefined) throw new Error("expected a server");
              if (ask === "destroy") {
                expect(await keystore.destroy([tag])).toBe(expected === null ? 0 : 1);
                if (expected !== null) before.add(expected);
                expected = null;
                continue;
              }
              const asked = ask === "race" ? servers : [keystore];
              const all = asked.map(async (each) =>
                hex((await each[ask === "read" ? "read" : "ensure"]([tag])).get(tag)),
              );
              const [found = null, ...others] = await Promise.all(all);
              expect(others.every((other) => other === found)).toBe(true);
              if (ask === "read" || expected !== null) expect(found).toBe(expected);
              else expect(before.has(found ?? "none")).toBe(false);
              expected = found;
            }
          };
          await Promise.all([...told.map(story), exchange()]);
        } finally {
          await Promise.all([...servers, records].map((each) => each.close()));
        }
      }),
      { numRuns: Number(process.env["KEYSTORE_RUNS"] ?? "6") },
    );
  }, 120_000);
});
