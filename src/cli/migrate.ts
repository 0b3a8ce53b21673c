/** `sevenstep migrate`: brings one open order into another version of its process, beside servers that go on running. */

import { Command } from "commander";
import type { Finding } from "../../machines/finding.ts";
import { readRules, type ReadRules } from "../../machines/migrate/read-rules.ts";
import { findingsText } from "../design/findings-text.ts";
import { createChange } from "../runtime/change.ts";
import type {
  Ends,
  Migrated,
  MigrateRequest,
  MigrateResult,
} from "../runtime/contracts/migrations.ts";
import type { Caller } from "../runtime/engine.ts";
import { migrateOrder } from "../runtime/migrate-order.ts";
import { systemRandom } from "../runtime/platform.ts";
import { readText } from "../store/files.ts";
import { readEnvironment } from "./environment.ts";
import { MIGRATE_WORDS } from "./migrate/words.ts";
import { ownDatabase } from "./own-database.ts";
import type { Terminal } from "./terminal.ts";
import { cliLanguage } from "./words.ts";

interface Options {
  readonly to: string;
  readonly by: string;
  readonly rules?: string;
  readonly reason?: string;
  readonly dryRun?: true;
  readonly json?: true;
}

type Words = (typeof MIGRATE_WORDS)["en"];

/** Exit code 1: it was refused, and nothing was changed. */
export function migrateCommand(terminal: Terminal): Command {
  const words = MIGRATE_WORDS[cliLanguage(terminal)];
  const command = new Command("migrate");
  return command
    .description(words.about)
    .argument("<order>", words.order)
    .requiredOption("--to <version>", words.to)
    .requiredOption("--by <sub>", words.by)
    .option("--rules <file>", words.rules)
    .option("--reason <text>", words.reason)
    .option("--dry-run", words.dryRun)
    .option("--json", words.json)
    .addHelpText("after", `\n${words.example}`)
    .action(async (id: string, options: Options) => {
      const { rules, findings, locate } = await rulesAt(options, command, words);
      const told = (found: readonly Finding[]): string =>
        findingsText(options.rules ?? "", found, terminal.colour).join("\n");
      if (rules === null) return command.error(`${told(findings)}\nerror: ${words.refused}`);
      const result = await migrated(id, { ...requestOf(options), rules }, options.by);
      if (result.kind === "ok") {
        terminal.write(options.json === true ? json(result) : textOf(id, result, options, words));
        return undefined;
      }
      const located = (result.findings ?? []).map((finding) => ({
        ...{ ...finding, line: locate(finding.pointer) },
      }));
      const places = (result.errors ?? []).map(
        ({ pointer, message }) => `  ${pointer}: ${message}\n`,
      );
      const more = located.length === 0 ? places.join("") : `${told(located)}\n`;
      return command.error(`${more}error: ${result.code}: ${result.detail}\n${words.refused}`);
    });
}

async function rulesAt({ rules }: Options, command: Command, words: Words): Promise<ReadRules> {
  if (rules === undefined) return { rules: {}, findings: [], locate: () => null };
  const text = await readText(rules);
  return text === null ? command.error(`error: ${words.unreadable(rules)}`) : readRules(text);
}

function requestOf({ to, reason, dryRun }: Options): MigrateRequest {
  return {
    to,
    ...(reason === undefined ? {} : { reason }),
    ...(dryRun === true ? { isDryRun: true } : {}),
  };
}

/** Whoever holds the database acts as an admin does, under the name that they give. */
async function migrated(id: string, request: MigrateRequest, sub: string): Promise<MigrateResult> {
  const database = await ownDatabase(readEnvironment(process.env));
  try {
    const random = systemRandom;
    const change = createChange(database.store, database.library, { ...database, random });
    const caller: Caller = { sub, roles: ["admin"], centres: null };
    // The servers look for what is due by themselves.
    const ports = { ...database, change, random, wake: () => {} };
    return await migrateOrder(ports, caller, id, request);
  } finally {
    await database.close();
  }
}

type Done = Extract<MigrateResult, { readonly kind: "ok" }>;

function json({ order, migrated: told }: Done): string {
  return `${JSON.stringify({ order: order.id, revision: order.revision, ...told }, null, 2)}\n`;
}

function textOf(
  id: string,
  { order, migrated: told }: Done,
  options: Options,
  words: Words,
): string {
  if (told === null) return "";
  const { from, to } = told;
  const { revision } = order;
  const head =
    options.dryRun === true ? words.wouldMove(id, from, to) : words.moved(id, from, to, revision);
  return `${[head, ...partsOf(told, words)].join("\n")}\n`;
}

function partsOf(told: Migrated, { parts, begun, ended }: Words): readonly string[] {
  const state = `${JSON.stringify(told.before)} -> ${JSON.stringify(told.after)}`;
  const ends = (name: string, each: Ends): readonly string[] =>
    [[begun, each.begun] as const, [ended, each.ended] as const].flatMap(([what, places]) =>
      places.length === 0 ? [] : [`  ${name} (${what}): ${places.join(", ")}`],
    );
  const fields = Object.keys(objectIn(told.payload["data"]));
  return [
    `  ${parts.state}: ${state}`,
    ...(fields.length === 0 ? [] : [`  ${parts.data}: ${fields.join(", ")}`]),
    ...ends(parts.timers, told.timers),
    ...ends(parts.jobs, told.jobs),
    ...ends(parts.tasks, told.tasks),
  ];
}

function objectIn(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}
