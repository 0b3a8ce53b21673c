/** `sevenstep replay`: steps through an order's history, each entry proved by replaying it from the definition of its day. */

import { Command, InvalidArgumentError } from "commander";
import type { Instant } from "../../machines/order.ts";
import { formatInstant, parseInstant } from "../../machines/time/instant.ts";
import type { Recorded } from "../audit/recorded.ts";
import { recordedIn } from "./histories/bundle-histories.ts";
import { chosenHistories, kindOf, type Access } from "./histories/choose.ts";
import { NoHistories } from "./histories/histories.ts";
import { entryLines } from "./replay/entry-text.ts";
import { framesOf, indexAt, type Frames } from "./replay/frames.ts";
import { orderLines } from "./replay/order-text.ts";
import { endText, jsonLines, plainText } from "./replay/plain-text.ts";
import { processScreen, type OpenScreen } from "./replay/screen.ts";
import { stepThrough } from "./replay/step-through.ts";
import { REPLAY_WORDS, type ReplayWords } from "./replay/words.ts";
import type { Terminal } from "./terminal.ts";
import { cliLanguage, FRAME_WORDS } from "./words.ts";

interface Options extends Access {
  readonly at?: Point;
  readonly json?: true;
  readonly plain?: true;
}

type Point = { readonly revision: number } | { readonly time: Instant };

/** Exit code 1: the history does not hold, or there is none. */
export function replayCommand(terminal: Terminal, openScreen: OpenScreen = processScreen): Command {
  const language = cliLanguage(terminal);
  const words = REPLAY_WORDS[language];
  const command = new Command("replay");
  return command
    .description(words.about)
    .argument("<order|bundle>", words.what)
    .option("--at <revision|time>", words.at, pointIn(words))
    .option("--json", words.json)
    .option("--plain", words.plain)
    .option("--url <url>", words.url)
    .option("--token <token>", words.token)
    .addHelpText(
      "after",
      `\n${FRAME_WORDS[language].examples}
  sevenstep replay 01938f6e-0000-7000-8000-00000000c0de
  sevenstep replay visit.ndjson --at 12
  sevenstep replay visit.ndjson --at 2026-11-22T08:00:00Z --json`,
    )
    .action(async (what: string, options: Options) => {
      try {
        const history = framesOf(await recordedOf(what, options, words));
        await show(history, options, { terminal, openScreen, command });
        if (history.diverged !== null) terminal.exitWith(1);
      } catch (error) {
        if (!(error instanceof NoHistories)) throw error;
        command.error(`error: ${error.message}`);
      }
    });
}

async function recordedOf(what: string, access: Access, words: ReplayWords): Promise<Recorded> {
  if ((await kindOf(what)) === "file") return recordedIn(what);
  if (!UUID.test(what)) throw new NoHistories(words.neither(what));
  const histories = await chosenHistories(access, process.env);
  try {
    const recorded = await histories.read(what);
    if (recorded === null) throw new NoHistories(words.noOrder(what));
    return recorded;
  } finally {
    await histories.close();
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

interface Stage {
  readonly terminal: Terminal;
  readonly openScreen: OpenScreen;
  readonly command: Command;
}

async function show(history: Frames, options: Options, stage: Stage): Promise<void> {
  const { terminal, openScreen, command } = stage;
  const { write, colour } = terminal;
  const language = cliLanguage(terminal);
  const { at, json, plain } = options;
  const index = at === undefined ? null : indexOf(history, at, command, REPLAY_WORDS[language]);
  const frame = index === null ? undefined : history.frames[index];
  const shown = frame === undefined ? history.frames : [frame];
  if (json === true) return write(jsonLines({ frames: shown }));
  const screen = plain === true ? null : openScreen();
  if (screen !== null) {
    const from = { index: index ?? 0, isWhole: false, language };
    return stepThrough(history, from, screen, colour);
  }
  const look = { language, colour };
  if (frame === undefined) return write(plainText(history, look));
  const order = orderLines(frame, look, history.opened);
  write(`${[...entryLines(frame, look), "", ...order, "", endText(history, look)].join("\n")}\n`);
}

function indexOf({ frames }: Frames, at: Point, command: Command, words: ReplayWords): number {
  const last = frames.at(-1)?.entry.revision ?? 0;
  if ("revision" in at) {
    if (at.revision <= last) return at.revision - 1;
    return command.error(`error: ${words.noSuchPoint(String(at.revision), String(last))}`);
  }
  const index = indexAt(frames, at.time);
  if (index >= 0) return index;
  return command.error(`error: ${words.tooEarly(at.time, frames[0]?.entry.at ?? "")}`);
}

function pointIn({ badAt }: ReplayWords) {
  return (text: string): Point => {
    if (/^[1-9]\d{0,8}$/.test(text)) return { revision: Number(text) };
    const ms = parseInstant(text);
    // Instants of one form and length compare as texts.
    if (ms !== null) return { time: formatInstant(ms) };
    throw new InvalidArgumentError(badAt);
  };
}
