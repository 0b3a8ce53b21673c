/** Shows a history frame by frame on a screen, as its reader's keys ask. */

import { entryLines } from "./entry-text.ts";
import { folded } from "./fold.ts";
import type { Frames } from "./frames.ts";
import { orderLines } from "./order-text.ts";
import { divergenceLines } from "./plain-text.ts";
import type { Screen } from "./screen.ts";
import { shown } from "./shown.ts";
import { afterKey, type Standpoint } from "./stepping.ts";
import { REPLAY_WORDS } from "./words.ts";
import { paint } from "../../design/paint.ts";

/** Lines around the frame: the order above it with a rule, the keys below it. */
const AROUND = 4;
const LEAST_ROWS = 3;
/** Some terminals say that they have none. */
const LEAST_COLUMNS = 40;

/** @param from where the reader begins */
export async function stepThrough(
  history: Frames,
  from: Pick<Standpoint, "index" | "language" | "isWhole">,
  screen: Screen,
  colour: boolean,
): Promise<void> {
  let at: Standpoint | null = { ...from, scroll: 0, typed: "" };
  try {
    while (at !== null) {
      const { columns: own, rows } = screen.size();
      const columns = Math.max(LEAST_COLUMNS, own);
      const room = Math.max(LEAST_ROWS, rows - AROUND);
      const lines = frameLines(history, at, colour).flatMap((line) => folded(line, columns));
      const visible = lines.slice(at.scroll, at.scroll + room);
      screen.draw([
        ...[headOf(history, at, colour), ""],
        ...visible,
        ...Array.from({ length: room - visible.length }, () => ""),
        ...["", footOf(history, at, colour)].map((line) => folded(line, columns)[0] ?? ""),
      ]);
      const key = await screen.key();
      if (key === null) return;
      at = afterKey(at, key, { frames: countOf(history), lines: lines.length, rows: room });
    }
  } finally {
    screen.close();
  }
}

/** Where a history breaks is a frame of its own, the last. */
function countOf({ frames, diverged }: Frames): number {
  return frames.length + (diverged === null ? 0 : 1);
}

function frameLines(
  { frames, diverged, opened }: Frames,
  { index, isWhole, language }: Standpoint,
  colour: boolean,
): readonly string[] {
  const look = { language, colour };
  const frame = frames[index];
  if (frame === undefined) return diverged === null ? [] : divergenceLines(diverged, look);
  return isWhole ? orderLines(frame, look, opened) : entryLines(frame, look);
}

function headOf({ id, frames }: Frames, { language }: Standpoint, colour: boolean): string {
  const { executable, order } = frames[0] ?? {};
  const under = executable === undefined ? "" : ` · ${executable.process}`;
  const key = order?.identity.businessKey ?? null;
  const { strong } = paint(colour);
  const text = `${REPLAY_WORDS[language].order} ${id}${under}${key === null ? "" : ` · ${key}`}`;
  return strong(shown(text));
}

function footOf(history: Frames, { index, typed, language }: Standpoint, colour: boolean): string {
  const { of, keys } = REPLAY_WORDS[language];
  const { faint } = paint(colour);
  const place = of(index + 1, countOf(history));
  return `${typed === "" ? place : `${place} → ${typed}`}  ${faint(keys)}`;
}
