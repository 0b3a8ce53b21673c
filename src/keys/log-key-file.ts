/** The key that signs the log's checkpoints, in a file that its owner alone reads; what follows it lies beside it meanwhile. */

import { link, mkdir, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { parseSignerKey, type SignerKey } from "../audit/log/note-key.ts";
import type { LogSigner } from "../runtime/log-keeping.ts";
import { hasCode, readText } from "../store/files.ts";
import { sync } from "../store/sync-tree.ts";
import { replaceFile, writeOnce } from "./write-once.ts";

export function logKeyFile(path: string): LogSigner {
  const next = `${path}.next`;
  return {
    read: () => keyIn(path),
    readNext: () => keyIn(next),
    make: async (key) => {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await writeOnce(path, `${key.secret}\n`);
      return (await keyIn(path)) ?? key;
    },
    keepNext: async (key) => {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await replaceFile(next, `${key.secret}\n`);
    },
    takeNext: async () => {
      const before = await keyIn(path);
      if (before !== null) await keepBeside(path, `${path}.${before.verifier.id}`);
      await rename(next, path);
      await sync(dirname(path));
    },
  };
}

async function keepBeside(path: string, kept: string): Promise<void> {
  try {
    await link(path, kept);
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  }
}

async function keyIn(path: string): Promise<SignerKey | null> {
  const text = await readText(path);
  if (text === null) return null;
  const key = parseSignerKey(text.trim());
  if (key !== null) return key;
  throw new Error(
    `expected the log's key in ${path}, one line that begins with PRIVATE+KEY+, found something else. Put it back from your backup; where it is lost, move the file away and run \`sevenstep log rotate --lost\``,
  );
}
