/** What a test file starts or makes ends with it, whatever becomes of its tests: no process and no folder stays behind. */

import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { aroundAll } from "vitest";

const children = new Set<ChildProcess>();
const folders = new Set<string>();

// Around, not after: a hook that fails keeps those after it from running.
aroundAll(async (run) => {
  try {
    await run();
  } finally {
    await Promise.all([...children].map(killed));
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  }
});

/** Kills it when the file ends before it. */
export function withTheFile<Child extends ChildProcess>(child: Child): Child {
  children.add(child);
  child.once("exit", () => children.delete(child));
  return child;
}

/** A new folder among the system's temporary ones. */
export async function temporaryFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `sevenstep-${name}-`));
  folders.add(folder);
  return folder;
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}
