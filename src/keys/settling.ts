/** Knows what of a file may not be on the disk yet, and puts it there: who was told of nothing new waits for no disk. */

import { fstatSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { StoreUnavailable } from "../store/errors.ts";

export interface Settling {
  /** Somebody was told of what stands before this place, which another process may have written just now. */
  readonly told: (end: number) => void;
  readonly wrote: () => void;
  /** @throws {StoreUnavailable} when the disk fails, and ever after */
  readonly settle: () => Promise<void>;
}

export function createSettling(handle: FileHandle, path: string): Settling {
  let toldTo = 0;
  let settledTo = 0;
  let writes = 0;
  let settledWrites = 0;
  let failed: StoreUnavailable | null = null;

  return {
    told: (end) => {
      toldTo = Math.max(toldTo, end);
    },
    wrote: () => {
      writes++;
    },
    settle: async () => {
      // After a failed fsync the system may take for written what is not, and says so only once.
      if (failed !== null) throw failed;
      if (toldTo <= settledTo && writes === settledWrites) return;
      const before = writes;
      const { size } = fstatSync(handle.fd);
      try {
        await handle.datasync();
      } catch (cause) {
        const message = `The disk did not take ${path}: put it right, and start the server again.`;
        failed = new StoreUnavailable(message, { cause });
        throw failed;
      }
      settledTo = Math.max(settledTo, size);
      settledWrites = Math.max(settledWrites, before);
    },
  };
}
