/** `sevenstep keys`: what an operator does with the keystore, beside servers that go on running. */

import { rm } from "node:fs/promises";
import { Command } from "commander";
import { copyKeystore } from "../keys/copy-keystore.ts";
import { exchangeMaster, retireMasters } from "../keys/exchange-master.ts";
import { masterId, opened, parseEnvelope } from "../keys/envelope.ts";
import type { KeyRecords } from "../keys/key-records.ts";
import { masterSecretIn, takeSecret, type MasterSecret } from "../keys/master-secret.ts";
import { keystoreParts } from "../keys/open-keystore.ts";
import { openStore } from "../store/open.ts";
import { readEnvironment } from "./environment.ts";
import { KEYS_WORDS, type KeysWords } from "./keys-words.ts";
import type { Terminal } from "./terminal.ts";
import { cliLanguage } from "./words.ts";

interface Desk {
  readonly terminal: Terminal;
  readonly words: KeysWords;
  /** Ends the command with a complaint. */
  readonly refuse: (complaint: string) => never;
}

interface Parts {
  readonly records: KeyRecords;
  readonly master: MasterSecret;
}

export function keysCommand(terminal: Terminal): Command {
  const words = KEYS_WORDS[cliLanguage(terminal)];
  const command = new Command("keys").description(words.about);
  const refuse = (complaint: string): never => command.error(`error: ${complaint}`);
  const desk = { terminal, words, refuse };
  command.addHelpText("after", `\n${words.examples}`);
  command
    .command("list", { isDefault: true })
    .description(words.list)
    .action(() => inKeystore(desk, list));
  command
    .command("rotate")
    .description(words.rotate)
    .option("--to <file>", words.to)
    .action(({ to }: { readonly to?: string }) =>
      inKeystore(desk, (parts) => rotate(parts, to, desk)),
    );
  command
    .command("retire")
    .description(words.retire)
    .action(() =>
      inKeystore(desk, async ({ records, master }) => {
        const isOther = await retireMasters(records, await master.read());
        terminal.write(`${isOther ? words.retired : words.nothingToRetire}\n`);
      }),
    );
  command
    .command("adopt")
    .description(words.adopt)
    .action(() => inKeystore(desk, adopt));
  command
    .command("copy")
    .description(words.copy)
    .argument("<place>", words.target)
    .action((place: string) => inKeystore(desk, (parts) => copy(parts, place, desk)));
  // What is made here does not inherit what the frame decides of its commands later.
  for (const each of command.commands) each.exitOverride();
  return command;
}

/** Makes no keystore: that is a server's to do. */
async function inKeystore(
  desk: Desk,
  work: (parts: Parts, desk: Desk) => Promise<void>,
): Promise<void> {
  const parts = keystoreParts(readEnvironment(process.env).keystore);
  const { records } = parts;
  try {
    if (!(await records.isThere())) return desk.refuse(desk.words.none(records.place));
    await records.prepare();
    await work(parts, desk);
  } finally {
    await records.close();
  }
}

async function list({ records, master }: Parts, { terminal, words }: Desk): Promise<void> {
  const envelope = parseEnvelope((await records.envelope()) ?? "");
  const { wrappers } = opened(envelope, await master.read());
  const { live, destroyed, damagedBytes } = await records.count();
  const keys = [...live.values()].reduce((sum, each) => sum + each, 0);
  const rows = [
    [words.place, records.place],
    [words.id, envelope.id],
    [words.secret, master.path],
    [words.keys, String(keys)],
    [words.destroyed, String(destroyed)],
  ];
  for (const [name, value] of rows) terminal.write(`${name}: ${value}\n`);
  if (wrappers.length > 1) terminal.write(`${words.twoWrappers}\n`);
  else if (envelope.boxes.length > 1) terminal.write(`${words.twoSecrets}\n`);
  if (damagedBytes > 0) terminal.write(`${words.damaged(damagedBytes)}\n`);
}

async function rotate(parts: Parts, to: string | undefined, desk: Desk): Promise<void> {
  const { records, master } = parts;
  const { terminal, words, refuse } = desk;
  if (master.isOurs && to !== undefined) return refuse(words.ownTo);
  if (!master.isOurs && to === undefined) return refuse(words.needsTo);
  const path = to ?? `${master.path}.next`;
  const current = await master.read();
  const next = await masterSecretIn(path, true).make();
  if (masterId(next) === masterId(current)) {
    if (!master.isOurs) return refuse(words.sameSecret(path));
    // An exchange that was stopped at its very end.
    return ended(parts, path, desk);
  }
  const rotated = await exchangeMaster(records, current, next);
  terminal.write(`${words.rotated(rotated)}\n`);
  if (!master.isOurs) return terminal.write(`${words.swap(path)}\n`);
  // Servers read the file again when the envelope changes.
  await takeSecret(master, path);
  await ended(parts, path, desk);
}

async function ended({ records, master }: Parts, made: string, { terminal, words }: Desk) {
  await retireMasters(records, await master.read());
  await rm(made, { force: true });
  terminal.write(`${words.retired}\n`);
}

async function adopt({ records }: Parts, { terminal, words }: Desk): Promise<void> {
  const { id } = parseEnvelope((await records.envelope()) ?? "");
  const store = await openStore(readEnvironment(process.env));
  try {
    await store.migrate();
    await store.keystore.tieAnew(id);
  } finally {
    await store.close();
  }
  terminal.write(`${words.adopted(id)}\n`);
}

async function copy({ records }: Parts, place: string, desk: Desk): Promise<void> {
  const { terminal, words, refuse } = desk;
  const other = keystoreParts({ ...readEnvironment(process.env).keystore, place }).records;
  try {
    await other.prepare();
    const copied = await copyKeystore(records, other);
    if (copied === null) return refuse(words.notEmpty(other.place));
    terminal.write(`${words.copied(copied, other.place)}\n`);
  } finally {
    await other.close();
  }
}
