/** Keeps text that comes too early until it is wanted, once and in order: a little in memory, more in a file without a name. */

import { open, mkdtemp, rm, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Spool {
  readonly keep: (text: string) => Promise<void>;
  /** All that was kept, in pieces; nothing may be kept after that. */
  readonly read: () => AsyncGenerator<string, void>;
  /** Must be called in the end; any number of times. */
  readonly drop: () => Promise<void>;
}

/** UTF-16 units: a small export never touches the disk. */
const IN_MEMORY = 1 << 20;
const PIECE_BYTES = 1 << 16;

export function createSpool(inMemory = IN_MEMORY): Spool {
  let kept: string[] = [];
  let size = 0;
  let file: FileHandle | null = null;

  const flush = async (): Promise<void> => {
    const text = kept.join("");
    kept = [];
    size = 0;
    file ??= await openNameless();
    await file.appendFile(text);
  };
  return {
    keep: async (text) => {
      kept.push(text);
      size += text.length;
      if (size >= inMemory) await flush();
    },
    read: async function* () {
      if (file === null) {
        yield kept.join("");
        return;
      }
      await flush();
      const decoder = new TextDecoder();
      const piece = new Uint8Array(PIECE_BYTES);
      for (let position = 0; ;) {
        const { bytesRead } = await file.read(piece, 0, PIECE_BYTES, position);
        if (bytesRead === 0) return;
        position += bytesRead;
        yield decoder.decode(piece.subarray(0, bytesRead), { stream: true });
      }
    },
    drop: async () => {
      const open_ = file;
      file = null;
      kept = [];
      await open_?.close();
    },
  };
}

/** Whatever becomes of this process, nothing of it stays on the disk. */
async function openNameless(): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), "sevenstep-spool-"));
  try {
    return await open(join(folder, "spool"), "wx+", 0o600);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
