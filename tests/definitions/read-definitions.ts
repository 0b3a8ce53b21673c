/** Every definition of the repository, judged with its scenarios: what the tests of this folder look at. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { judgeFiles, type JudgedFiles } from "../../src/design/judge-files.ts";

export const DEFINITIONS_FOLDER = new URL("../../definitions/", import.meta.url).pathname;

export interface DefinitionFile extends JudgedFiles {
  /** `process@version`, as its folder and file name say. */
  readonly name: string;
}

export function readDefinitions(): readonly DefinitionFile[] {
  return readdirSync(DEFINITIONS_FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name: process }) =>
      readdirSync(join(DEFINITIONS_FOLDER, process))
        .filter((file) => file.endsWith(".yaml") && !file.endsWith(".scenarios.yaml"))
        .map((file) => readDefinition(process, file.replace(/\.yaml$/, ""))),
    );
}

export function readDefinition(process: string, version: string): DefinitionFile {
  const path = join(DEFINITIONS_FOLDER, process, version);
  const text = readFileSync(`${path}.yaml`, "utf8");
  const scenarios = readFileSync(`${path}.scenarios.yaml`, "utf8");
  return { name: `${process}@${version}`, ...judgeFiles({ text, format: "yaml" }, scenarios) };
}
