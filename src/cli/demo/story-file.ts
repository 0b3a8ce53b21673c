/** Finds a story in the definitions folder: in the scenario file beside the newest version of its process. */

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { judgeFiles } from "../../design/judge-files.ts";
import { formatOf, readNamed } from "../definition-files.ts";
import { byVersion } from "../version-file.ts";
import { storyOf } from "./story.ts";
import type { Story } from "./story.ts";

/** There is nothing to play; the message says what was expected where. */
export class NoStory extends Error {
  override readonly name = "NoStory";
}

const SCENARIOS = /\.scenarios\.ya?ml$/;

/**
 * @param command ends with a message when a file can't be read
 * @throws {NoStory} when the folder tells no such story, or tells it with mistakes
 */
export async function storyIn(
  folder: string,
  process: string,
  id: string,
  command: Command,
): Promise<{ readonly story: Story; readonly version: string }> {
  const place = join(folder, process);
  const names = await readdir(place).catch(() => []);
  const newest = names
    .filter((name) => SCENARIOS.test(name))
    .toSorted(byVersion)
    .at(-1);
  if (newest === undefined) throw new NoStory(`${place}: expected a scenario file, found none`);
  const path = join(place, newest);
  const [files] = await readNamed([path], command);
  if (files === undefined) throw new NoStory(`${path}: can't be read`);
  const { definition, scenarios } = files;
  const judged = judgeFiles(
    { text: definition.text, format: formatOf(definition.path) },
    scenarios?.text ?? null,
  );
  const file = judged.scenarios?.file ?? null;
  if (file === null || judged.executable === null) {
    throw new NoStory(`${path}: has mistakes; see \`sevenstep check ${path}\``);
  }
  const story = storyOf(file, id);
  if (story === null) throw new NoStory(`${path}: expected the scenario ${id}, found none`);
  return { story, version: judged.executable.version };
}
