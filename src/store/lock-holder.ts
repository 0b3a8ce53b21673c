/** Decides whether the process that made a lock still runs, also when its pid was given to another one since. */

import { readlink, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

import { hasCode, readText } from "./files.ts";

/** A pid alone comes round again: the process's start and the machine's boot tell two of them apart. */
export interface Holder {
  readonly pid: number;
  /** Start of the process in clock ticks since boot; null where the system does not say. */
  readonly started: string | null;
  readonly boot: string | null;
  readonly host: string;
  /** The pid namespace: processes of another one, such as another container's, can't be looked up. */
  readonly namespace: string | null;
}

/** How often a holder touches its lock. */
export const HEARTBEAT_MS = 1_000;
/** A holder whose process can't be looked up counts as dead when its lock stays untouched for so long. */
const PATIENCE_MS = 5_000;
const LOOK_MS = 100;

export async function thisProcess(): Promise<Holder> {
  return {
    pid: process.pid,
    started: (await statusOf(process.pid))?.started ?? null,
    boot: await bootId(),
    host: hostname(),
    namespace: await readlink("/proc/self/ns/pid").catch(() => null),
  };
}

/** @param path the holder's lock, for a holder that only its heartbeat can show alive */
export async function isAlive(holder: Holder, path: string): Promise<boolean> {
  const here = await thisProcess();
  if (holder.host !== here.host) return isBeating(path);
  if (holder.boot !== here.boot) return false;
  if (holder.namespace !== here.namespace) return isBeating(path);
  const found = await settledStatusOf(holder.pid);
  if (holder.started !== (found?.started ?? null) || found?.isOver === true) return false;
  return isRunning(holder.pid);
}

export function parseHolder(text: string | null): Holder | null {
  try {
    const value: unknown = JSON.parse(text ?? "null");
    return isHolder(value) ? value : null;
  } catch {
    return null;
  }
}

async function isBeating(path: string): Promise<boolean> {
  const first = await touchedAt(path);
  for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += LOOK_MS) {
    await sleep(LOOK_MS);
    if ((await touchedAt(path)) !== first) return true;
  }
  return false;
}

async function touchedAt(path: string): Promise<number | null> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => null,
  );
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, but belongs to another user.
    return hasCode(error, "EPERM");
  }
}

interface Status {
  readonly started: string | null;
  /** It has ended and waits for its parent to take notice, which in a container without an init may never come. */
  readonly isOver: boolean;
  /** Its first thread has ended, others have not yet and may still write: so it is for a moment after a kill. */
  readonly isEnding: boolean;
}

/** Whoever starts again right after a kill is not refused for what is over in a moment. */
async function settledStatusOf(pid: number): Promise<Status | null> {
  let found = await statusOf(pid);
  for (let waitedMs = 0; found?.isEnding === true && waitedMs < PATIENCE_MS; waitedMs += LOOK_MS) {
    await sleep(LOOK_MS);
    found = await statusOf(pid);
  }
  return found;
}

/** Fields 3, 20 and 22 of /proc/pid/stat, proc(5); the command's name before them may hold spaces and brackets. */
async function statusOf(pid: number): Promise<Status | null> {
  const text = await readText(`/proc/${pid}/stat`);
  if (text === null) return null;
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const hasFirstEnded = /^[ZX]$/.test(fields[0] ?? "");
  const isAlone = Number(fields[17]) <= 1;
  return {
    started: fields[19] ?? null,
    isOver: hasFirstEnded && isAlone,
    isEnding: hasFirstEnded && !isAlone,
  };
}

async function bootId(): Promise<string | null> {
  return (await readText("/proc/sys/kernel/random/boot_id"))?.trim() ?? null;
}

function isHolder(value: unknown): value is Holder {
  return (
    typeof value === "object" &&
    value !== null &&
    "pid" in value &&
    Number.isSafeInteger(value.pid) &&
    ["started", "boot", "host", "namespace"].every((key) => key in value)
  );
}
