/** `sevenstep verify`: what an auditor asks of a bundle, with a key and nothing else: no server, no database, no folder. */

import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { createExecutables } from "../audit/executables.ts";
import { keysFollowing } from "../audit/log/handover.ts";
import { parseVerifierKey, type VerifierKey } from "../audit/log/note-key.ts";
import { judgeBundle } from "./evidence/judge-bundle.ts";
import { notesIn } from "./evidence/notes-in.ts";
import { verdictJson, verdictText } from "./evidence/verdict-text.ts";
import { EVIDENCE_WORDS, type EvidenceWords } from "./evidence/words.ts";
import type { Terminal } from "./terminal.ts";
import { cliLanguage, FRAME_WORDS } from "./words.ts";

interface Options {
  readonly key: readonly string[];
  readonly handovers?: string;
  readonly json?: true;
}

/** Exit code 1: a bundle proves nothing. */
export function verifyCommand(terminal: Terminal): Command {
  const language = cliLanguage(terminal);
  const words = EVIDENCE_WORDS[language];
  const command = new Command("verify");
  return command
    .description(words.verify)
    .argument("<bundle...>", words.bundles)
    .requiredOption("--key <key>", words.key, collected)
    .option("--handovers <file>", words.handovers)
    .option("--json", words.json)
    .addHelpText(
      "after",
      `\n${FRAME_WORDS[language].examples}
  sevenstep verify visit.ndjson --key "$LOG_KEY"
  sevenstep verify evidence/*.ndjson --key log-key.pub --json`,
    )
    .action(async (paths: readonly string[], { key, handovers, json }: Options) => {
      const keys = await keysIn({ key, handovers }, words, command);
      const executables = createExecutables();
      for (const path of paths) {
        const verdict = judgeBundle(await fileAt(path, words, command), keys, executables);
        terminal.write(
          json === true
            ? `${JSON.stringify(verdictJson(path, verdict))}\n`
            : verdictText(path, verdict, words),
        );
        if (verdict.kind === "refuted") terminal.exitWith(1);
      }
    });
}

async function keysIn(
  { key, handovers }: { readonly key: readonly string[]; readonly handovers: string | undefined },
  words: EvidenceWords,
  command: Command,
): Promise<readonly VerifierKey[]> {
  const trusted: VerifierKey[] = [];
  for (const given of key) {
    const own = parseVerifierKey(given);
    trusted.push(...(own === null ? await keysAt(given, words, command) : [own]));
  }
  if (handovers === undefined) return trusted;
  const notes = notesIn((await fileAt(handovers, words, command)).toString("utf8"));
  return trusted.flatMap((each) => keysFollowing(each, notes));
}

async function keysAt(
  path: string,
  words: EvidenceWords,
  command: Command,
): Promise<readonly VerifierKey[]> {
  const text = await readFile(path, "utf8").catch(() => "");
  const lines = text.split("\n").flatMap((line) => line.trim() || []);
  const keys = lines.map(parseVerifierKey);
  const known = keys.filter((key) => key !== null);
  if (known.length === 0 || known.length < keys.length) {
    return command.error(`error: ${words.badKey(path)}`);
  }
  return known;
}

async function fileAt(path: string, words: EvidenceWords, command: Command): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch {
    return command.error(`error: ${words.cantRead(path)}`);
  }
}

function collected(given: string, before: readonly string[] = []): readonly string[] {
  return [...before, given];
}
