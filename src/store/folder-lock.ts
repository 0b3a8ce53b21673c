/**
 * Lets one process at a time open a data folder; the lock of a killed process is recognised and taken over.
 * Each opening makes the file `lock.<generation>`, one higher than any before, by an exclusive link; the highest one
 * holds the folder and is never deleted, only followed. So of many who meet a dead holder one makes the next generation,
 * and a slow one that makes an old number again sees the higher one and steps back.
 */

import { randomUUID } from "node:crypto";
import { link, readdir, rename, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { FolderLocked } from "./errors.ts";
import { hasCode, readText } from "./files.ts";
import { HEARTBEAT_MS, isAlive, parseHolder, thisProcess, type Holder } from "./lock-holder.ts";

export interface FolderLock {
  readonly release: () => Promise<void>;
}

const LOCK = /^lock\.(\d{1,15})$/;
/** What stands in the lock of a folder that was closed. */
const FREE = "free\n";
const ATTEMPTS = 50;

/** @throws {FolderLocked} naming the process that holds the folder */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const own = await thisProcess();
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const last = await highest(folder);
    await refuseWhileHeld(folder, last);
    const path = lockPath(folder, last + 1);
    if (!(await createExclusively(path, JSON.stringify(own)))) continue;
    if ((await highest(folder)) === last + 1) return holding(folder, last + 1);
    await rm(path, { force: true });
  }
  throw new FolderLocked(`The data folder ${folder} is being opened by many processes at once.`);
}

async function holding(folder: string, generation: number): Promise<FolderLock> {
  const path = lockPath(folder, generation);
  for (const older of await generations(folder)) {
    if (older < generation) await rm(lockPath(folder, older), { force: true });
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    // A missed beat is no harm; a folder that is gone shows at the next write.
    utimes(path, now, now).catch(() => {});
  }, HEARTBEAT_MS);
  heartbeat.unref();
  return {
    release: async () => {
      clearInterval(heartbeat);
      await replace(path, FREE);
    },
  };
}

async function refuseWhileHeld(folder: string, generation: number): Promise<void> {
  const path = lockPath(folder, generation);
  const holder = parseHolder(await readText(path));
  if (holder !== null && (await isAlive(holder, path))) {
    throw new FolderLocked(refusal(folder, holder));
  }
}

/** 0 when the folder was never locked. */
async function highest(folder: string): Promise<number> {
  return Math.max(0, ...(await generations(folder)));
}

async function generations(folder: string): Promise<readonly number[]> {
  const names = await readdir(folder);
  return names.flatMap((name) => {
    const [, generation] = LOCK.exec(name) ?? [];
    return generation === undefined ? [] : [Number(generation)];
  });
}

/** `link` is atomic and carries the content along: no reader ever sees a lock without its holder. */
async function createExclusively(path: string, content: string): Promise<boolean> {
  const draft = await write(path, content);
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

async function replace(path: string, content: string): Promise<void> {
  await rename(await write(path, content), path);
}

async function write(path: string, content: string): Promise<string> {
  const draft = `${path}-${randomUUID()}`;
  await writeFile(draft, content, { flag: "wx", mode: 0o600 });
  return draft;
}

function lockPath(folder: string, generation: number): string {
  return join(folder, `lock.${generation}`);
}

function refusal(folder: string, holder: Holder): string {
  const isOwn = holder.pid === process.pid;
  const who = isOwn ? "this very process" : `process ${holder.pid} on ${holder.host}`;
  return (
    `The data folder ${folder} is open in ${who}, and two processes would destroy it. ` +
    "Stop that process, choose another folder with SEVENSTEP_DATA, or share a Postgres server with DATABASE_URL."
  );
}
