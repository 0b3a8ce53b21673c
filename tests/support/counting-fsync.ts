/** Counts how often this process makes the system write a file to the disk: what the embedded database does at each commit. */

import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

export interface FsyncCounter {
  readonly count: () => number;
  readonly stop: () => void;
}

export function countFsyncs(): FsyncCounter {
  const original = fs.fsyncSync;
  let count = 0;
  fs.fsyncSync = (descriptor) => {
    original(descriptor);
    // After it: only what has been written by then counts.
    count += 1;
  };
  syncBuiltinESMExports();
  return {
    count: () => count,
    stop: () => {
      fs.fsyncSync = original;
      syncBuiltinESMExports();
    },
  };
}
