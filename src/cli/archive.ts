/** `sevenstep archive`: what an operator does with the months of the archive, beside servers that go on running. */

import { Command, InvalidArgumentError } from "commander";
import type { ArchiveMonth } from "../store/contracts/archive.ts";
import { openStore } from "../store/open.ts";
import type { Store } from "../store/store.ts";
import { readEnvironment } from "./environment.ts";
import type { Terminal } from "./terminal.ts";
import { VOLUME_WORDS } from "./volume-words.ts";
import { cliLanguage } from "./words.ts";

const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;

export function archiveCommand(terminal: Terminal): Command {
  const words = VOLUME_WORDS[cliLanguage(terminal)];
  const command = new Command("archive").addHelpText("after", `\n${words.archiveExample}`);
  const month = (text: string): string => {
    if (!MONTH.test(text)) throw new InvalidArgumentError(words.badMonth);
    return text;
  };
  command
    .command("list")
    .description(words.list)
    .action(() =>
      inArchive(async ({ months }) => {
        for (const each of await months()) terminal.write(`${lineOf(each, words)}\n`);
      }),
    );
  command
    .command("detach")
    .description(words.detach)
    .argument("<month>", words.month, month)
    .action((wanted: string) =>
      inArchive(async ({ detach, months }) => {
        if (!(await detach(wanted))) return command.error(`error: ${words.notThere(wanted)}`);
        const found = (await months()).find((each) => each.month === wanted);
        terminal.write(`${words.detached(found?.tables ?? [])}\n`);
      }),
    );
  command
    .command("attach")
    .description(words.attach)
    .argument("<month>", words.month, month)
    .action((wanted: string) =>
      inArchive(async ({ attach }) => {
        if (!(await attach(wanted))) return command.error(`error: ${words.notBeside(wanted)}`);
      }),
    );
  // What is made here does not inherit what the frame decides of its commands later.
  for (const each of command.commands) each.exitOverride();
  return command;
}

async function inArchive(work: (archive: Store["archive"]) => Promise<void>): Promise<void> {
  const store = await openStore(readEnvironment(process.env));
  try {
    await store.migrate();
    await work(store.archive);
  } finally {
    await store.close();
  }
}

function lineOf({ month, attached, bytes }: ArchiveMonth, words: { readonly beside: string }) {
  const size = `${(bytes / 2 ** 20).toFixed(1)} MB`;
  return attached ? `${month}  ${size}` : `${month}  ${size}  ${words.beside}`;
}
