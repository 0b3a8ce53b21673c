/** Lets one process at a time open a data folder; a lock that a killed process left behind is recognised and taken over. */

import { randomUUID } from "node:crypto";
import { link, readFile, rename, rm, unlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { FolderLocked } from "./errors.ts";

export interface FolderLock {
  readonly release: () => Promise<void>;
}

/** A pid alone comes round again after a restart: the process's start time and the machine's boot tell two of them apart. */
interface Holder {
  readonly pid: number;
  /** Start of the process in clock ticks since boot; null where the system does not say. */
  readonly started: string | null;
  readonly boot: string | null;
  readonly host: string;
  /** Tells two openings of one process apart. */
  readonly token: string;
}

const LOCK_FILE = "store.lock";
/** A racing taker of the same stale lock has put back what it moved away by then. */
const SETTLE_MS = 100;
const ATTEMPTS = 10;

/** @throws {FolderLocked} naming the process that holds the folder */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const path = join(folder, LOCK_FILE);
  const own = JSON.stringify(await thisProcess());
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await createExclusively(path, own)) {
      if (attempt > 0) await sleep(SETTLE_MS);
      if ((await readText(path)) === own) return { release: () => release(path, own) };
    }
    const found = await readText(path);
    if (found === null) continue;
    const holder = parseHolder(found);
    if (holder !== null && (await isAlive(holder))) throw new FolderLocked(refusal(folder, holder));
    await removeStale(path, found);
  }
  throw new FolderLocked(`The data folder ${folder} is being opened by several processes at once.`);
}

/** `link` is atomic and carries the content along: no reader ever sees a lock without its holder. */
async function createExclusively(path: string, content: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, content, { flag: "wx", mode: 0o600 });
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Moves the lock away before it is deleted, so that the lock of a faster taker is noticed and put back. */
async function removeStale(path: string, stale: string): Promise<void> {
  const moved = `${path}.${randomUUID()}`;
  try {
    await rename(path, moved);
    if ((await readText(moved)) !== stale) await link(moved, path);
  } catch (error) {
    if (!hasCode(error, "ENOENT") && !hasCode(error, "EEXIST")) throw error;
  } finally {
    await rm(moved, { force: true });
  }
}

async function release(path: string, own: string): Promise<void> {
  if ((await readText(path)) === own) await unlink(path);
}

async function thisProcess(): Promise<Holder> {
  return {
    pid: process.pid,
    started: await startOf(process.pid),
    boot: await bootId(),
    host: hostname(),
    token: randomUUID(),
  };
}

async function isAlive(holder: Holder): Promise<boolean> {
  if (holder.boot !== (await bootId())) return false;
  if (holder.started !== (await startOf(holder.pid))) return false;
  try {
    process.kill(holder.pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, "EPERM");
  }
}

/** Field 22 of /proc/pid/stat (proc(5)); the command's name before it may hold spaces and brackets. */
async function startOf(pid: number): Promise<string | null> {
  const stat = await readText(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
}

async function bootId(): Promise<string | null> {
  return (await readText("/proc/sys/kernel/random/boot_id"))?.trim() ?? null;
}

function parseHolder(text: string): Holder | null {
  try {
    const value: unknown = JSON.parse(text);
    return isHolder(value) ? value : null;
  } catch {
    return null;
  }
}

function isHolder(value: unknown): value is Holder {
  return (
    typeof value === "object" &&
    value !== null &&
    "pid" in value &&
    Number.isSafeInteger(value.pid) &&
    "started" in value &&
    "boot" in value &&
    "host" in value
  );
}

function refusal(folder: string, holder: Holder): string {
  const who =
    holder.pid === process.pid ? "this very process" : `process ${holder.pid} on ${holder.host}`;
  return (
    `The data folder ${folder} is open in ${who}, and two processes would destroy it. ` +
    `Stop that process, choose another folder with SEVENSTEP_DATA, or set DATABASE_URL to share a Postgres server.`
  );
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ESRCH")) return null;
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
