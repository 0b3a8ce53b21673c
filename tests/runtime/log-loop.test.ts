/** The log's rounds: when they come, who signs, and what is said when nobody here can. */

import { describe, expect, test } from "vitest";
import { readCheckpoint } from "../../src/audit/log/checkpoint.ts";
import { parseVerifierKey, signerOf } from "../../src/audit/log/note-key.ts";
import { createGrowing, createKeeping } from "../../src/runtime/log-loop.ts";
import { checkStanding } from "../../src/runtime/log-standing.ts";
import { rotateLogKey } from "../../src/runtime/rotate-log-key.ts";
import { systemRandom } from "../../src/runtime/platform.ts";
import type { Store } from "../../src/store/store.ts";
import { describeOnDatabases } from "../support/databases.ts";
import { memoryLogKeeping, type MemoryLogKeeping } from "../support/memory-log-keeping.ts";
import { advance, numbers } from "../store/fixtures.ts";
import { sql } from "kysely";
import { virtualClock } from "./virtual-clock.ts";

interface LogServer extends MemoryLogKeeping {
  readonly grow: () => Promise<number>;
  readonly keep: () => Promise<number>;
  readonly warnings: readonly string[];
  readonly published: readonly string[];
}

function logServer(store: Store, keeping = memoryLogKeeping(), clock = virtualClock(0)): LogServer {
  const warnings: string[] = [];
  const published: string[] = [];
  const ports = {
    ...{ store, clock, random: systemRandom, ...keeping },
    bus: { publish: (topics: readonly string[]) => void published.push(...topics) },
    log: {
      info: () => {},
      error: () => {},
      warn: (_fields: object, message: string) => void warnings.push(message),
    },
  };
  const grow = createGrowing(ports);
  return {
    ...keeping,
    ...{ warnings, published, keep: createKeeping(ports) },
    grow: async () => {
      for (;;) {
        const pauseMs = await grow(new AbortController().signal);
        if (pauseMs > 0) return pauseMs;
      }
    },
  };
}

async function entries(store: Store, count: number): Promise<void> {
  for (const number of numbers(count)) await advance(store, `o${number % 3}`);
  await store.feed.sequence(10_000);
}

const sizeOf = async ({ log }: Store): Promise<number> => (await log.newest())?.size ?? 0;

describeOnDatabases("the log of servers", (open, _kind, raw) => {
  test("begins with the first one's key, and tells all of each checkpoint", async () => {
    const store = await open();
    const server = logServer(store);
    await server.grow();
    await server.keep();
    expect([await sizeOf(store), server.notes]).toEqual([0, []]);
    await entries(store, 3);
    await server.grow();
    await server.keep();
    const [key] = await store.log.keys();
    const verifier = parseVerifierKey(key?.vkey ?? "");
    if (verifier === null) throw new Error("expected a key");
    expect(readCheckpoint(server.notes[0] ?? "", verifier)).toMatchObject({
      ...{ kind: "checkpoint", checkpoint: { size: 3, origin: verifier.name } },
    });
    expect(server.published).toEqual(["checkpoints", "deliveries"]);
  });

  test("is signed at once after a quiet time, and then once a second", async () => {
    const store = await open();
    const clock = virtualClock(0);
    const server = logServer(store, memoryLogKeeping(), clock);
    await entries(store, 1);
    await server.grow();
    await entries(store, 1);
    const next = server.grow();
    clock.advance(999);
    await entries(store, 1);
    expect(await sizeOf(store)).toBe(1);
    clock.advance(1);
    await next;
    expect(await sizeOf(store)).toBe(3);
  });

  test("is kept by every server, whoever signs it, and signed by none that has not its key", async () => {
    const store = await open();
    const clock = virtualClock(0);
    const start = () => logServer(store, memoryLogKeeping(), clock);
    const [first, second] = [start(), start()];
    const round = (server: LogServer) => {
      clock.advance(1_000);
      return server.grow();
    };
    await entries(store, 1);
    await round(first);
    await entries(store, 1);
    await round(second);
    await round(second);
    expect(await sizeOf(store)).toBe(1);
    expect(second.warnings).toEqual([expect.stringContaining("does not sign the log")]);
    await second.keep();
    expect(second.notes).toHaveLength(1);
    second.keys.own = first.keys.own;
    await round(second);
    expect(await sizeOf(store)).toBe(2);
    // The one that signed before goes on from what the other one made.
    await entries(store, 1);
    await round(first);
    expect(await sizeOf(store)).toBe(3);
  });

  test("goes on under the key that follows, wherever its rotation was stopped", async () => {
    const store = await open();
    const server = logServer(store, memoryLogKeeping(), virtualClock(0));
    await entries(store, 1);
    await server.grow();
    const { signer } = server;
    const stops = {
      ...signer,
      takeNext: () => Promise.reject(new Error("stopped")),
    };
    const rotating = { log: store.log, random: systemRandom };
    await expect(rotateLogKey({ ...rotating, signer: stops }, false)).rejects.toThrow("stopped");
    const before = server.keys.own;
    const other = logServer(store, server);
    await entries(store, 1);
    await other.grow();
    expect(await sizeOf(store)).toBe(2);
    expect(server.keys.own?.secret).not.toBe(before?.secret);
    // Before anybody knew of the next one: the log stays with the one it has.
    server.keys.next = signerOf("sevenstep/other", new Uint8Array(32));
    await entries(store, 1);
    await logServer(store, server).grow();
    expect(await sizeOf(store)).toBe(3);
  });

  test("that went back is signed by none who saw it, and kept by none", async () => {
    const store = await open();
    const { db } = await raw();
    const clock = virtualClock(0);
    const server = logServer(store, memoryLogKeeping(), clock);
    for (const _ of numbers(2)) {
      await entries(store, 1);
      clock.advance(1_000);
      await server.grow();
    }
    await server.keep();
    await sql`delete from log_checkpoints where size = 2`.execute(db);
    clock.advance(1_000);
    await expect(server.grow()).rejects.toThrow("the log had 2 entries");
    await expect(server.keep()).rejects.toThrow("the log had 2 entries");
    expect(await sizeOf(store)).toBe(1);
  });

  describe("at a start", () => {
    test("is the one of the last checkpoint outside, or goes on from it", async () => {
      const store = await open();
      const clock = virtualClock(0);
      const server = logServer(store, memoryLogKeeping(), clock);
      await checkStanding(store.log, server.file);
      await entries(store, 3);
      await server.grow();
      await server.keep();
      await checkStanding(store.log, server.file);
      await entries(store, 300);
      clock.advance(1_000);
      await server.grow();
      await checkStanding(store.log, server.file);
    });

    test("is refused where it is empty, smaller, of another name, or of other entries", async () => {
      const store = await open();
      const { db } = await raw();
      const clock = virtualClock(0);
      const server = logServer(store, memoryLogKeeping(), clock);
      for (const _ of numbers(2)) {
        await entries(store, 2);
        clock.advance(1_000);
        await server.grow();
      }
      await server.keep();
      const standing = () => checkStanding(store.log, server.file);
      await sql`update log_tiles set hashes = set_byte(hashes, 1, 255 - get_byte(hashes, 1))`.execute(
        db,
      );
      await expect(standing()).rejects.toThrow("the first 4 entries of its log are others");
      await sql`delete from log_tiles`.execute(db);
      await expect(standing()).rejects.toThrow("the first 4 entries of its log are others");
      await sql`delete from log_checkpoints where size = 4`.execute(db);
      await expect(standing()).rejects.toThrow(/had 4 entries, but in this database its log has 2/);
      await sql`update log_checkpoints set note = replace(note, 'sevenstep', 'eightstep')`.execute(
        db,
      );
      await expect(standing()).rejects.toThrow("its log is another one, eightstep/");
      await sql`delete from log_checkpoints`.execute(db);
      await expect(standing()).rejects.toThrow(/log has 0 entries.*move the file away/s);
    });
  });
});
