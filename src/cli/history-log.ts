/** `sevenstep log`: what an operator and an auditor do with the log over all entries, beside servers that go on running. */

import { Command, InvalidArgumentError } from "commander";
import { readFile } from "node:fs/promises";
import { checkpointIn } from "../audit/log/grow.ts";
import { notesIn } from "../audit/log/notes-in.ts";
import { parseVerifierKey, type VerifierKey } from "../audit/log/note-key.ts";
import { logKeyFile } from "../keys/log-key-file.ts";
import { judgeCheckpoints } from "../runtime/check-checkpoints.ts";
import { systemRandom } from "../runtime/platform.ts";
import { rotateLogKey } from "../runtime/rotate-log-key.ts";
import { openStore } from "../store/open.ts";
import type { Store } from "../store/store.ts";
import { readEnvironment, type Environment } from "./environment.ts";
import { HISTORY_LOG_WORDS, type HistoryLogWords } from "./history-log-words.ts";
import type { Terminal } from "./terminal.ts";
import { cliLanguage } from "./words.ts";

interface Desk {
  readonly terminal: Terminal;
  readonly words: HistoryLogWords;
  /** Ends the command with a complaint. */
  readonly refuse: (complaint: string) => never;
}

export function historyLogCommand(terminal: Terminal): Command {
  const words = HISTORY_LOG_WORDS[cliLanguage(terminal)];
  const command = new Command("log").description(words.about);
  const refuse = (complaint: string): never => command.error(`error: ${complaint}`);
  const desk = { terminal, words, refuse };
  command.addHelpText("after", `\n${words.examples}`);
  command
    .command("head", { isDefault: true })
    .description(words.head)
    .action(() => inLog((store) => head(store, desk)));
  command
    .command("keys")
    .description(words.keys)
    .action(() => inLog((store) => keys(store, desk)));
  command
    .command("check")
    .description(words.check)
    .argument("<file...>", words.files)
    .option("--key <key>", words.key, (text) => keyIn(text, words))
    .action((files: readonly string[], { key }: { readonly key?: VerifierKey }) =>
      inLog((store) => check(store, files, key ?? null, desk)),
    );
  command
    .command("rotate")
    .description(words.rotate)
    .option("--lost", words.lost)
    .action(({ lost = false }: { readonly lost?: boolean }) =>
      inLog((store, { logFiles }) => rotate(store, logFiles.key, lost, desk)),
    );
  // What is made here does not inherit what the frame decides of its commands later.
  for (const each of command.commands) each.exitOverride();
  return command;
}

async function inLog(work: (store: Store, environment: Environment) => Promise<void>) {
  const environment = readEnvironment(process.env);
  const store = await openStore(environment);
  try {
    await store.migrate();
    await work(store, environment);
  } finally {
    await store.close();
  }
}

async function head({ log, feed }: Store, { terminal, words }: Desk): Promise<void> {
  const newest = await log.newest();
  const checkpoint = checkpointIn(newest?.note ?? "");
  if (newest === null || checkpoint === null) return terminal.write(`${words.none}\n`);
  const { origin, size, time } = checkpoint;
  const waiting = (await feed.head()) - size;
  const rows = [
    [words.origin, origin],
    [words.size, String(size)],
    [words.time, time],
    [words.signedBy, newest.keyId],
    [words.waiting, String(waiting)],
  ];
  for (const [name, value] of rows) terminal.write(`${name}: ${value}\n`);
  terminal.write(`\n${newest.note}`);
}

async function keys({ log }: Store, { terminal, words }: Desk): Promise<void> {
  const all = await log.keys();
  if (all.length === 0) terminal.write(`${words.none}\n`);
  for (const [at, { vkey, since, vouched }] of all.entries()) {
    const whose = vouched === null ? words.notVouched : words.handedOver;
    terminal.write(`${vkey}\n  ${words.since(since)}, ${at === 0 ? words.first : whose}\n`);
  }
}

async function check(
  { log }: Store,
  files: readonly string[],
  key: VerifierKey | null,
  { terminal, words, refuse }: Desk,
): Promise<void> {
  let count = 0;
  let wrong = 0;
  for (const file of files) {
    const notes = notesIn(await readFile(file, "utf8"));
    if (notes.length === 0) refuse(words.noNotes(file));
    for (const { size, time, verdict } of await judgeCheckpoints(log, notes, key)) {
      count += 1;
      if (verdict === "consistent") continue;
      wrong += 1;
      terminal.write(`${file}: ${size ?? "?"} ${time ?? "?"}: ${words.verdicts[verdict]}\n`);
    }
  }
  terminal.write(`${words.checked(count, wrong)}\n`);
  if (key === null) terminal.write(`${words.onlyItself}\n`);
  if (wrong > 0) terminal.exitWith(1);
}

async function rotate(
  { log }: Store,
  path: string,
  isLost: boolean,
  { terminal, words, refuse }: Desk,
): Promise<void> {
  const ports = { log, signer: logKeyFile(path), random: systemRandom };
  const rotation = await rotateLogKey(ports, isLost);
  switch (rotation.kind) {
    case "rotated":
      terminal.write(`${words.rotated(rotation.key)}\n`);
      if (isLost) terminal.write(`${words.tellAuditors}\n`);
      return;
    case "no-log":
      return refuse(words.none);
    case "not-here":
      return refuse(words.notHere(rotation.current.keyId));
    case "not-lost":
      return refuse(words.notLost);
    case "raced":
      return refuse(words.raced);
  }
}

function keyIn(text: string, words: HistoryLogWords): VerifierKey {
  const key = parseVerifierKey(text.trim());
  if (key === null) throw new InvalidArgumentError(words.badKey);
  return key;
}
