/** `sevenstep token`: makes a token with the key of the server whose data folder this is. */

import { Command, InvalidArgumentError } from "commander";
import { Temporal } from "temporal-polyfill";
import { existingTokenKey } from "../http/data-folder.ts";
import { CENTRE, mintToken, ROLE_NAME, SUBJECT } from "../http/token.ts";
import { readEnvironment } from "./environment.ts";
import type { Terminal } from "./terminal.ts";
import { cliLanguage, FRAME_WORDS } from "./words.ts";

interface Options {
  readonly sub: string;
  readonly role: readonly string[];
  readonly centre?: readonly string[];
  readonly ttl: number;
  readonly json?: true;
}

const DEFAULT_TTL = "P30D";
const MAX_TTL_S = 10 * 366 * 86_400;

export function tokenCommand(terminal: Terminal): Command {
  const words = FRAME_WORDS[cliLanguage(terminal)];
  const says = words.token;
  const command = new Command("token");
  return command
    .description(words.commands.token)
    .requiredOption("--sub <id>", says.sub, matching(SUBJECT, says.badSub))
    .requiredOption("--role <role>", says.role, collecting(ROLE_NAME, says.badRole))
    .option("--centre <centre>", says.centre, collecting(CENTRE, says.badCentre))
    .option("--ttl <duration>", says.ttl, ttlSeconds(says.badTtl), ttlSeconds("")(DEFAULT_TTL))
    .option("--json", says.json)
    .addHelpText(
      "after",
      `\n${words.examples}
  sevenstep token --sub tech-7 --role technician --centre sh-01
  sevenstep token --sub ann --role advisor --role manager --ttl PT8H --json`,
    )
    .action(async ({ sub, role, centre, ttl, json }: Options) => {
      const { dataFolder } = readEnvironment(process.env);
      const key = await existingTokenKey(dataFolder);
      if (key === null) return command.error(`error: ${says.noKey(dataFolder)}`);
      const issuedAt = Math.floor(Date.now() / 1000);
      const expiresAt = issuedAt + ttl;
      const claims = { sub, roles: role, centres: centre ?? ("*" as const) };
      const token = await mintToken(key, claims, { issuedAt, expiresAt });
      const end = new Date(expiresAt * 1000).toISOString();
      const answer = { token, ...claims, expiresAt: end };
      terminal.write(json === true ? `${JSON.stringify(answer)}\n` : `${token}\n`);
    });
}

function matching(pattern: RegExp, complaint: string) {
  return (text: string): string => {
    if (!pattern.test(text)) throw new InvalidArgumentError(complaint);
    return text;
  };
}

function collecting(pattern: RegExp, complaint: string) {
  return (text: string, before: readonly string[] = []): readonly string[] => [
    ...before,
    matching(pattern, complaint)(text),
  ];
}

/** Months and years are counted from now, as calendars do. */
function ttlSeconds(complaint: string) {
  return (text: string): number => {
    const seconds = secondsFromNow(text);
    if (seconds === null || seconds < 1 || seconds > MAX_TTL_S) {
      throw new InvalidArgumentError(complaint);
    }
    return seconds;
  };
}

function secondsFromNow(text: string): number | null {
  try {
    const relativeTo = Temporal.Now.plainDateTimeISO("UTC");
    return Math.floor(Temporal.Duration.from(text).total({ unit: "seconds", relativeTo }));
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
