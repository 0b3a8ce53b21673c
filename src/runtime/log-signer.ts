/** The key that signs the log's checkpoints lies in a file of its own, readable by its owner only; it is made once, and never half written. */

import { chmod, link, mkdir, open, readFile, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { parseSignerKey, type SignerKey } from "../audit/log/note-key.ts";
import { hasCode } from "../store/files.ts";
import { syncFolder } from "./sync-folder.ts";

/** Where a server finds the log's key. */
export interface LogSigner {
  /** Null: there is none here. @throws when what is there is no key */
  readonly read: () => Promise<SignerKey | null>;
  /** One that was to follow and may not have taken its place yet; null: there is none. */
  readonly readNext: () => Promise<SignerKey | null>;
  /** Of several that make one at once, all get the same. */
  readonly make: (key: SignerKey) => Promise<SignerKey>;
  /** Keeps one that shall follow, before anybody knows of it. */
  readonly keepNext: (key: SignerKey) => Promise<void>;
  /** It takes its place; the one before is kept beside it under its id. */
  readonly takeNext: () => Promise<void>;
}

const OWNER_ONLY = 0o600;

export function logSignerAt(path: string): LogSigner {
  const next = `${path}.next`;
  const read = (): Promise<SignerKey | null> => readKey(path);
  return {
    read,
    readNext: () => readKey(next),
    make: async (key) => {
      const draft = `${path}.${key.verifier.id}.draft`;
      await write(draft, key.secret);
      try {
        // Fails when the name exists: the first one wins, and nobody reads half a key.
        await link(draft, path);
        await syncFolder(dirname(path));
        return key;
      } catch (error) {
        if (!hasCode(error, "EEXIST")) throw error;
        return (await read()) ?? key;
      } finally {
        await unlink(draft);
      }
    },
    keepNext: async (key) => {
      await write(`${next}.draft`, key.secret);
      await rename(`${next}.draft`, next);
      await syncFolder(dirname(path));
    },
    takeNext: async () => {
      const before = await read();
      if (before !== null) await keepBeside(path, `${path}.${before.verifier.id}`);
      await rename(next, path);
      await syncFolder(dirname(path));
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

async function readKey(path: string): Promise<SignerKey | null> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
    await chmod(path, OWNER_ONLY);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  }
  const key = parseSignerKey(text.trim());
  if (key !== null) return key;
  throw new Error(
    `${path} must hold the log's key, one line that begins with PRIVATE+KEY+; put it back from a backup, or move the file away and give the log another key with \`sevenstep log rotate --lost\``,
  );
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, "w", OWNER_ONLY);
  try {
    await file.writeFile(`${text}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}
