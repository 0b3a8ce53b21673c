/**
 * Checkpoints in a file outside the database: signed notes, an empty line behind each. What is in it was on the disk before
 * anybody was told; a last one that was half written when the power went is none.
 */

import { mkdir, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { checkpointIn } from "../audit/log/grow.ts";
import { notesIn } from "../audit/log/notes-in.ts";
import type { CheckpointFile } from "../runtime/log-keeping.ts";
import { hasCode } from "../store/files.ts";
import { sync } from "../store/sync-tree.ts";

const END = "\n\n";
/** Far more than a note takes. */
const TAIL_BYTES = 65_536;

export function checkpointFileAt(path: string): CheckpointFile {
  return {
    path,
    newest: async () => {
      const tail = await readTail(path);
      const found = notesIn(tail).flatMap((note) => checkpointIn(note) ?? []);
      // Servers that share a file append as they come to know: the last one need not be the newest.
      const largest = Math.max(...found.map(({ size }) => size));
      return found.find(({ size }) => size === largest) ?? null;
    },
    append: async (notes) => {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const file = await open(path, "a+", 0o600);
      try {
        const { size } = await file.stat();
        // Behind what a power cut left half written, the next one begins on a line of its own.
        const gap = size === 0 || (await endsWith(file, size)) ? "" : END;
        await file.appendFile(gap + notes.map((note) => `${note}\n`).join(""));
        await file.sync();
        if (size === 0) await sync(dirname(path));
      } finally {
        await file.close();
      }
    },
  };
}

async function endsWith(
  file: { readonly read: (buffer: Buffer, options: object) => Promise<unknown> },
  size: number,
): Promise<boolean> {
  const bytes = Buffer.alloc(END.length);
  await file.read(bytes, { position: Math.max(0, size - END.length), length: END.length });
  return bytes.toString() === END;
}

async function readTail(path: string): Promise<string> {
  try {
    const file = await open(path, "r");
    try {
      const { size } = await file.stat();
      if (size <= TAIL_BYTES) return await readFile(file, "utf8");
      const bytes = Buffer.alloc(TAIL_BYTES);
      await file.read(bytes, { position: size - TAIL_BYTES });
      return bytes.toString("utf8");
    } finally {
      await file.close();
    }
  } catch (error) {
    if (hasCode(error, "ENOENT")) return "";
    throw error;
  }
}
