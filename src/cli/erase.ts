/** `sevenstep erase`: asks a running server to erase a person's data, or approves it; what it prints is on the record. */

import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Command, Option } from "commander";
import { createClient, type Api } from "../client/client.ts";
import { granted } from "../client/granted.ts";
import { NoAnswerError, ProblemError } from "../client/problem-error.ts";
import { adminTokenPath } from "../http/data-folder.ts";
import { GROUNDS, type Ground } from "../runtime/contracts/personal-data.ts";
import { readEnvironment } from "./environment.ts";
import { ERASE_WORDS, type EraseWords, type Told } from "./erase/words.ts";
import type { Terminal } from "./terminal.ts";
import { cliLanguage, FRAME_WORDS } from "./words.ts";

interface Options {
  readonly subject?: string;
  readonly order?: string;
  readonly centre?: string;
  readonly ground: Ground;
  readonly reason?: string;
  readonly approve?: string;
  readonly decline?: string;
  readonly list?: true;
  readonly url?: string;
  readonly token?: string;
}

/** What the reader did wrong, in the reader's language. */
class Misused extends Error {
  override readonly name = "Misused";
}

/** Exit code 1: refused, not done, or not done yet. */
export function eraseCommand(terminal: Terminal): Command {
  const language = cliLanguage(terminal);
  const words = ERASE_WORDS[language];
  const command = new Command("erase");
  return command
    .description(words.about)
    .option("--subject <reference>", words.subject)
    .option("--order <id>", words.order)
    .option("--centre <name>", words.centre)
    .addOption(new Option("--ground <ground>", words.ground).choices(GROUNDS).default("request"))
    .option("--reason <text>", words.reason)
    .option("--approve <case>", words.approve)
    .option("--decline <case>", words.decline)
    .option("--list", words.list)
    .option("--url <url>", words.url)
    .option("--token <token>", words.token)
    .addHelpText(
      "after",
      `\n${FRAME_WORDS[language].examples}
  sevenstep erase --subject customer-4711 --reason "Asked in writing, letter of 23 November"
  sevenstep erase --approve 01980c3e-6c1a-7000-8000-0123456789ab --token "$(sevenstep token --sub tom --role privacy)"
  sevenstep erase --list`,
    )
    .action(async (options: Options) => {
      try {
        const api = await apiFor(options, words);
        if (options.list === true) await tellAll(api, terminal, words);
        else await tellOne(api, await asked(api, options, words), terminal, words);
      } catch (error) {
        const isTellable =
          error instanceof Misused ||
          error instanceof ProblemError ||
          error instanceof NoAnswerError;
        if (!isTellable) throw error;
        command.error(`error: ${error.message}`);
      }
    });
}

async function apiFor({ url, token }: Options, words: EraseWords): Promise<Api> {
  const { dataFolder, host, port } = readEnvironment(process.env);
  const own = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  const path = adminTokenPath(dataFolder);
  const chosen = token ?? (await readFile(path, "utf8").catch(() => null))?.trim();
  if (chosen === undefined) throw new Misused(words.noToken(dataFolder));
  return createClient({ url: url ?? own, token: chosen }).api;
}

type Case = Told & { readonly state: string; readonly status: string };

async function asked(api: Api, options: Options, words: EraseWords): Promise<Case> {
  const { subject, order, centre, ground, approve, decline } = options;
  const wanted = [subject, order, approve, decline].filter((each) => each !== undefined);
  if (wanted.length !== 1) throw new Misused(words.oneOf);
  const decided = approve ?? decline;
  if (decided !== undefined) {
    const path = "/v1/audit/cases/{id}/decision" as const;
    const body =
      approve === undefined
        ? ({ decision: "decline", reason: reasonIn(options, words) } as const)
        : ({ decision: "approve" } as const);
    return granted(await api.POST(path, { params: { path: { id: decided } }, body }));
  }
  const reason = reasonIn(options, words);
  const person = {
    ...(subject === undefined ? {} : { subject }),
    ...(order === undefined ? {} : { order }),
    ...(centre === undefined ? {} : { centre }),
  };
  return granted(await api.POST("/v1/audit/erasures", { body: { ...person, ground, reason } }));
}

function reasonIn({ reason }: Options, words: EraseWords): string {
  if (reason === undefined) throw new Misused(words.needsReason);
  return reason;
}

const POLL_MS = 500;
/** Twice what a server takes that is not kept from it. */
const PATIENCE_MS = 20_000;
const UNDER_WAY: ReadonlySet<string> = new Set(["erasing", "settling"]);

async function tellOne(
  api: Api,
  first: Case,
  terminal: Terminal,
  words: EraseWords,
): Promise<void> {
  let last = first;
  const end = performance.now() + PATIENCE_MS;
  while (UNDER_WAY.has(last.state) && last.status === "active" && performance.now() < end) {
    await sleep(POLL_MS);
    const params = { path: { id: first.id } };
    last = granted(await api.GET("/v1/audit/cases/{id}", { params }));
  }
  terminal.write(`${lineOf(last, words)}\n`);
  if (last.state === "requested") terminal.write(`${words.next(last.id)}\n`);
  if (last.status === "incident") throw new Misused(words.stuck(last.id));
  if (UNDER_WAY.has(last.state)) throw new Misused(words.slow(last.id));
}

async function tellAll(api: Api, terminal: Terminal, words: EraseWords): Promise<void> {
  let isEmpty = true;
  for (let cursor: string | undefined; ;) {
    const page = cursor === undefined ? {} : { cursor };
    const query = { kind: "erasure" as const, ...page };
    const { items, nextCursor } = granted(await api.GET("/v1/audit/cases", { params: { query } }));
    for (const each of items) terminal.write(`${lineOf(each, words)}\n`);
    isEmpty &&= items.length === 0;
    if (nextCursor === null) break;
    cursor = nextCursor;
  }
  if (isEmpty) terminal.write(`${words.none}\n`);
}

function lineOf(erasure: Case, words: EraseWords): string {
  return words.line(erasure, words.states[erasure.state] ?? erasure.state);
}
