/** `sevenstep demo`: plays a whole service visit over HTTP against a running server, on a test clock. */

import { randomUUID } from "node:crypto";
import { z } from "@hono/zod-openapi";
import { Command, InvalidArgumentError } from "commander";
import { judge } from "../../machines/compile/judge.ts";
import type { Executable } from "../../machines/compile/executable.ts";
import type { Api } from "../client/client.ts";
import { granted } from "../client/granted.ts";
import { NoAnswerError, ProblemError } from "../client/problem-error.ts";
import { createCallers } from "./demo/callers.ts";
import { createNarrator } from "./demo/narrator.ts";
import { play, StoryStuck } from "./demo/play.ts";
import { castTokens, givenAdminToken } from "./demo/tokens.ts";
import { NoStory, storyIn } from "./demo/story-file.ts";
import { DEMO_WORDS } from "./demo/words.ts";
import type { DemoWords } from "./demo/words.ts";
import { readEnvironment } from "./environment.ts";
import type { Terminal } from "./terminal.ts";
import { cliLanguage, FRAME_WORDS } from "./words.ts";

interface Options {
  readonly url?: string;
  readonly token?: string;
  readonly speed: number;
  readonly maxPause: number;
  readonly process: string;
  readonly story: string;
  readonly order?: string;
  readonly resume?: true;
}

export function demoCommand(terminal: Terminal): Command {
  const language = cliLanguage(terminal);
  const says = DEMO_WORDS[language];
  const frame = FRAME_WORDS[language];
  const command = new Command("demo");
  return command
    .description(frame.commands.demo)
    .option("--url <url>", says.url)
    .option("--token <token>", says.token)
    .option("--speed <factor>", says.speed, speedOf(says), 60)
    .option("--max-pause <seconds>", says.maxPause, pauseOf(says), 3)
    .option("--process <name>", says.process, "service-visit")
    .option("--story <id>", says.story, "good-story")
    .option("--order <id>", says.order, orderOf(says))
    .option("--resume", says.resume)
    .addHelpText(
      "after",
      `\n${frame.examples}
  sevenstep demo --lang zh
  sevenstep demo --speed max
  sevenstep demo --speed 3600 --max-pause 10 --url http://127.0.0.1:9000
  sevenstep demo --resume`,
    )
    .action(async (options: Options) => {
      try {
        await tell(options, terminal, command);
      } catch (error) {
        if (!isTellable(error)) throw error;
        command.error(`error: ${error.message}`);
      }
    });
}

async function tell(options: Options, terminal: Terminal, command: Command): Promise<void> {
  const language = cliLanguage(terminal);
  const words = DEMO_WORDS[language];
  const environment = readEnvironment(process.env);
  const { dataFolder, definitionsFolder, port, host } = environment;
  const url = options.url ?? `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  const { process: name, story: storyId } = options;
  const { story, version } = await storyIn(definitionsFolder, name, storyId, command);
  const adminToken = options.token ?? (await givenAdminToken(dataFolder));
  const callers = createCallers(url);
  const api = callers.as(adminToken);
  const businessKey = `DEMO-${story.id}`;
  const open = options.resume === true ? await newestOpen(api, businessKey) : null;
  if (options.resume === true && open === null) throw new NoStory(words.nothingOpen);

  const orderId = open?.id ?? options.order ?? randomUUID();
  // A centre of its own keeps the demo's slots free, however often the same story books them.
  const centre = open?.centre ?? `demo-${orderId.slice(-12)}`;
  const definition = { process: name, version };
  const executable = await definitionFrom(api, definition);
  const narrator = createNarrator(terminal, language, executable);
  narrator.note(open === null ? words.isOrder(orderId) : words.goesOn(orderId));
  const ending = await play({
    ...{ callers, story, orderId, definition, businessKey, centre, adminToken, narrator },
    ...{ words, url, speed: options.speed, maxPauseMs: options.maxPause * 1000 },
    tokens: await castTokens(story, dataFolder, centre),
  });
  if (ending.firstDivergence !== null) {
    throw new StoryStuck(words.notVerified(ending.firstDivergence));
  }
  narrator.note(words.ended(ending.outcome, ending.entries));
}

async function newestOpen(api: Api, businessKey: string) {
  const query = { businessKey, status: "active" as const, limit: 1 };
  const { items } = granted(await api.GET("/v1/work-orders", { params: { query } }));
  return items[0] ?? null;
}

/** The definition as the server has it: the messages are read with the very document that the order lives by. */
async function definitionFrom(
  api: Api,
  path: { readonly process: string; readonly version: string },
): Promise<Executable> {
  const { process, version } = path;
  const document = granted(
    await api.GET("/v1/definitions/{process}/{version}", { params: { path } }),
  );
  const { executable } = judge(JSON.stringify(document), "json");
  if (executable === null) throw new StoryStuck(`the server's ${process} ${version} is not sound`);
  return executable;
}

function isTellable(error: unknown): error is Error {
  return [StoryStuck, NoAnswerError, ProblemError, NoStory].some((kind) => error instanceof kind);
}

function speedOf({ badSpeed }: DemoWords) {
  return (text: string): number => {
    const factor = text === "max" ? Infinity : Number(text);
    if (text.trim() === "" || !(factor > 0)) throw new InvalidArgumentError(badSpeed);
    return factor;
  };
}

function pauseOf({ badPause }: DemoWords) {
  return (text: string): number => {
    const seconds = Number(text);
    if (text.trim() === "" || !(seconds >= 0 && seconds < 86_400)) {
      throw new InvalidArgumentError(badPause);
    }
    return seconds;
  };
}

function orderOf({ badOrder }: DemoWords) {
  return (text: string): string => {
    if (!z.uuid().safeParse(text).success) throw new InvalidArgumentError(badOrder);
    return text;
  };
}
