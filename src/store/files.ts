/** Small readings of the file system, where a missing file is an answer and not an error. */

import { readFile } from "node:fs/promises";

/** @returns null when there is no such file (or the process that it describes has ended) */
export async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ESRCH")) return null;
    throw error;
  }
}

export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
