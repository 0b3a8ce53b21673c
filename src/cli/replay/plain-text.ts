/** A whole history as plain text or as lines of JSON, for pipes and files. */

import type { Diverged } from "../../audit/replay.ts";
import type { Retold } from "../../audit/retold.ts";
import { paint } from "../../design/paint.ts";
import { entryLines, instantText, type Look } from "./entry-text.ts";
import type { Frames } from "./frames.ts";
import { shown } from "./shown.ts";
import { REPLAY_WORDS } from "./words.ts";

export function plainText(history: Frames, look: Look): string {
  const { frames } = history;
  const blocks = frames.map((frame) => entryLines(frame, look).join("\n"));
  return `${[headText(history, look), ...blocks, endText(history, look)].join("\n\n")}\n`;
}

function headText({ id, frames }: Frames, { language, colour }: Look): string {
  const words = REPLAY_WORDS[language];
  const { strong } = paint(colour);
  const [first] = frames;
  const last = frames.at(-1);
  if (first === undefined || last === undefined) return strong(shown(`${words.order} ${id}`));
  const { identity } = first.order;
  const named = [id, first.executable.process, identity.businessKey, identity.centre];
  const name = named.filter((part) => part !== null).join(" · ");
  const spans = words.entries(
    frames.length,
    instantText(first.entry.at),
    instantText(last.entry.at),
  );
  return `${strong(shown(`${words.order} ${name}`))}\n${spans}`;
}

export function endText({ diverged, withheld }: Frames, look: Look): string {
  const words = REPLAY_WORDS[look.language];
  const end = diverged === null ? [words.holds] : divergenceLines(diverged, look);
  return [...end, ...(withheld === 0 ? [] : [words.withheld(withheld)])].join("\n");
}

export function divergenceLines(diverged: Diverged, { language, colour }: Look): readonly string[] {
  const words = REPLAY_WORDS[language];
  const { bad } = paint(colour);
  return [
    bad(words.diverges(diverged.revision, shown(diverged.field))),
    `${words.expected} ${shown(diverged.expected)}`,
    `${words.found} ${shown(diverged.found)}`,
  ];
}

/** One line for each entry, its members as in the history and what follows from them. */
export function jsonLines({ frames }: Pick<Frames, "frames">): string {
  return frames.map((frame) => `${JSON.stringify(jsonOf(frame))}\n`).join("");
}

function jsonOf({
  entry,
  hash,
  executable,
  payload,
  changes,
  items,
  timers,
  jobs,
  effects,
}: Retold) {
  const { revision, at, type, actor, before, after, digest } = entry;
  const { process, version } = executable;
  return {
    ...{ revision, at, type, actor, process, version, digest, before, after, payload },
    ...{ changes, items, timers, jobs, effects, hash },
  };
}
