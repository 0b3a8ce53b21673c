/** `sevenstep distribute`: prints the script that spreads the database over several machines; running it is the operator's. */

import { Command } from "commander";
import { distributionScript } from "../store/distribute.ts";
import type { Terminal } from "./terminal.ts";
import { VOLUME_WORDS } from "./volume-words.ts";
import { cliLanguage } from "./words.ts";
import { countUpTo } from "./count-option.ts";

interface Options {
  readonly shards: number;
}

/** Two or four for each core of the machines that there may once be. */
const SHARDS = 32;
const MOST_SHARDS = 4_096;

export function distributeCommand(terminal: Terminal): Command {
  const words = VOLUME_WORDS[cliLanguage(terminal)];
  return new Command("distribute")
    .option("--shards <count>", words.shards, countUpTo(MOST_SHARDS, words.badShards), SHARDS)
    .addHelpText("after", `\n${words.distributeExample}`)
    .action(({ shards }: Options) => terminal.write(distributionScript(shards)));
}
