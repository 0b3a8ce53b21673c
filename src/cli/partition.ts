/** `sevenstep partition`: lays the tables of orders into partitions while no server runs, after saying what it takes. */

import { performance } from "node:perf_hooks";
import { Command } from "commander";
import type { Hindrance } from "../store/partitions/hindrances.ts";
import {
  MOST_PARTITIONS,
  partition,
  type PartitionOptions,
  type PartitionPlan,
  type PartitionProgress,
} from "../store/partitions/partition.ts";
import { openPostgres } from "../store/postgres.ts";
import { readEnvironment } from "./environment.ts";
import { PARTITION_WORDS } from "./partition-words.ts";
import type { Terminal } from "./terminal.ts";
import { cliLanguage } from "./words.ts";
import { countUpTo } from "./count-option.ts";

type Words = (typeof PARTITION_WORDS)["en"];

interface Options {
  readonly into: number;
  readonly dryRun?: boolean;
}

export function partitionCommand(terminal: Terminal): Command {
  const words = PARTITION_WORDS[cliLanguage(terminal)];
  const command = new Command("partition");
  return command
    .requiredOption(
      "--into <count>",
      words.into,
      countUpTo(MOST_PARTITIONS, words.badInto(MOST_PARTITIONS)),
    )
    .option("--dry-run", words.dryRun)
    .addHelpText("after", `\n${words.example}`)
    .action(async ({ into, dryRun: isDryRun = false }: Options) => {
      const { databaseUrl } = readEnvironment(process.env);
      if (databaseUrl === undefined) return command.error(`error: ${words.embedded}`);
      const complaint = await partitioned(databaseUrl, { into, isDryRun }, terminal, words);
      if (complaint !== null) command.error(complaint);
    });
}

/** @returns what hindered it, or null */
async function partitioned(
  databaseUrl: string,
  options: PartitionOptions,
  terminal: Terminal,
  words: Words,
): Promise<string | null> {
  const database = openPostgres(databaseUrl);
  const found: Hindrance[] = [];
  const planned = (plan: PartitionPlan): void => {
    terminal.write(textOf(plan, words));
    found.push(...plan.hindrances);
  };
  try {
    const isDone = await partition(database, options, {
      planned,
      ...progressOn(terminal, words),
    });
    if (isDone && !options.isDryRun) terminal.write(`${words.ended}\n`);
    if (found.length === 0) return null;
    const reasons = found.map((hindrance) => `error: ${reasonOf(hindrance, words)}`);
    return [...reasons, `error: ${words.hindered}`].join("\n");
  } finally {
    await database.close();
  }
}

/** Out of memory and on two cores 100 MB of tables and indexes took a second; a disk may be five times as slow. */
const BYTES_PER_MINUTE = 20 * 60 * 2 ** 20;

function textOf({ tables, freeBytes }: PartitionPlan, words: Words): string {
  const lines = tables.map(({ name, parts, bytes, isDone }) => {
    const lies = `${name.padEnd(16)} ${words.lies(parts)}, ${megabytes(bytes)}`;
    return isDone ? `${lies} (${words.isDone})` : lies;
  });
  const open = tables.filter(({ isDone }) => !isDone);
  const minutes = open.reduce((sum, { bytes }) => sum + bytes, 0) / BYTES_PER_MINUTE;
  const takes =
    open.length === 0
      ? words.nothingToDo
      : words.needs(megabytes(freeBytes), Math.max(1, Math.ceil(minutes)));
  return `${[...lines, takes].join("\n")}\n`;
}

function progressOn({ write }: Terminal, words: Words): Pick<PartitionProgress, "copied" | "done"> {
  let began = performance.now();
  let told = began;
  return {
    copied: (table, share) => {
      if (performance.now() - told < TELL_EVERY_MS) return;
      told = performance.now();
      write(`${words.copied(table, Math.round(100 * share))}\n`);
    },
    done: (table) => {
      const seconds = Math.round((performance.now() - began) / 1_000);
      began = performance.now();
      write(`${words.done(table, seconds)}\n`);
    },
  };
}

const TELL_EVERY_MS = 2_000;

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`;
}

function reasonOf(found: Hindrance, { reasons }: Words): string {
  switch (found.kind) {
    case "schema":
      return reasons.schema(found);
    case "sessions":
      return reasons.sessions(found);
    case "dependents":
      return reasons.dependents(found);
    case "citus":
      return reasons.citus(found);
    case "locks":
      return reasons.locks(found);
  }
}
