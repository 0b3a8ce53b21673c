/** Every TypeScript file of the repository that people write, as the tidy tests see it. */

import { globSync, readFileSync } from "node:fs";

export interface SourceFile {
  /** From the repository's root, with slashes. */
  readonly path: string;
  readonly text: string;
}

const ROOT = new URL("../../", import.meta.url).pathname;

export function sourceFiles(...folders: readonly string[]): readonly SourceFile[] {
  return folders
    .flatMap((folder) => globSync(`${folder}/**/*.{ts,tsx}`, { cwd: ROOT }))
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => !path.includes("node_modules/"))
    .toSorted()
    .map((path) => ({ path, text: readFileSync(`${ROOT}${path}`, "utf8") }));
}
