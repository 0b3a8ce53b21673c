/** Real processes that number entries and sign the log, killed by SIGKILL, on a real Postgres. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkpointFileAt } from "../../src/keys/checkpoint-file.ts";
import { checkStanding } from "../../src/runtime/log-standing.ts";
import { openPostgres } from "../../src/store/postgres.ts";
import type { Store } from "../../src/store/store.ts";
import { storeOn } from "../../src/store/store-on.ts";
import { seeded } from "../support/cutting-proxy.ts";
import { createDatabase } from "../support/databases.ts";
import { temporaryFolder } from "../support/with-the-file.ts";
import { proven } from "../store/conformance/log.ts";
import { advance } from "../store/fixtures.ts";

/** Thirty take a minute: `LOG_KILLS=30`. */
const KILLS = Number(process.env["LOG_KILLS"] ?? "6");
const WRITERS = 8;

let created: Awaited<ReturnType<typeof createDatabase>>;
let store: Store;
let folder: string;

beforeAll(async () => {
  created = await createDatabase();
  store = storeOn(openPostgres(created.url));
  await store.migrate();
  folder = await temporaryFolder("log-killed");
}, 60_000);
afterAll(async () => {
  await store.close();
  await created.drop();
  await rm(folder, { recursive: true });
});

async function started() {
  const script = new URL("log-server.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [script, created.url, folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  await Promise.race([once(child.stdout, "data"), ended]);
  if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
  return async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
}

async function signedSize(): Promise<number> {
  return (await store.log.newest())?.size ?? 0;
}

describe("a log server that is killed", () => {
  test("has left no entry outside the log, and none in it twice", async () => {
    const random = seeded(11);
    let written = 0;
    let isWriting = true;
    const writers = Array.from({ length: WRITERS }, async (_, at) => {
      while (isWriting) {
        await advance(store, `o${at}`);
        written += 1;
        await sleep(2);
      }
    });
    const file = checkpointFileAt(join(folder, "checkpoints"));
    for (let kill = 0; kill < KILLS; kill += 1) {
      const end = await started();
      const before = await signedSize();
      // It has to get to work at least; then it dies at some moment of its next rounds.
      while ((await signedSize()) === before) await sleep(5);
      await sleep(random() * 1_200);
      await end();
      await checkStanding(store.log, file);
    }
    isWriting = false;
    await Promise.all(writers);
    const end = await started();
    while ((await signedSize()) < written || (await file.newest())?.size !== (await signedSize())) {
      await sleep(50);
    }
    await end();
    const places = await proven(store);
    expect(places).toHaveLength(written);
    expect(new Set(places).size).toBe(written);
    process.stderr.write(`${KILLS} kills, ${written} entries: each once in the log\n`);
  }, 300_000);
});
