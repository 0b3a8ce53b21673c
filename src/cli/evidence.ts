/** `sevenstep evidence`: writes an order's evidence bundle, from the database itself or from a running server. */

import { writeFile } from "node:fs/promises";
import { Command, InvalidArgumentError } from "commander";
import type { Disclosure } from "../runtime/contracts/evidence.ts";
import { NoEvidence, takeEvidence } from "./evidence/take-evidence.ts";
import { EVIDENCE_WORDS } from "./evidence/words.ts";
import type { Terminal } from "./terminal.ts";
import { cliLanguage, FRAME_WORDS } from "./words.ts";

interface Options {
  readonly out?: string;
  readonly disclose: Disclosure;
  readonly url?: string;
  readonly token?: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const CHOICE = /^(?:[0-9a-f]{64}|\/.+)$/su;

/** A file is passed on more easily than an answer: it opens nothing that was not asked for. */
const BY_DEFAULT: Disclosure = "none";

export function evidenceCommand(terminal: Terminal): Command {
  const language = cliLanguage(terminal);
  const words = EVIDENCE_WORDS[language];
  const command = new Command("evidence");
  const orderId = (text: string): string => {
    if (!UUID.test(text)) throw new InvalidArgumentError(words.notAnId(text));
    return text;
  };
  const disclosure = (text: string): Disclosure => {
    if (text === "visible" || text === "none") return text;
    const choices = text.split(",");
    if (choices.every((choice) => CHOICE.test(choice))) return choices;
    throw new InvalidArgumentError(words.badDisclose);
  };
  return command
    .description(words.evidence)
    .argument("<order>", words.order, orderId)
    .option("-o, --out <file>", words.out)
    .option("--disclose <what>", words.disclose, disclosure, BY_DEFAULT)
    .option("--url <url>", words.url)
    .option("--token <token>", words.token)
    .addHelpText(
      "after",
      `\n${FRAME_WORDS[language].examples}
  sevenstep evidence 01938f6e-0000-7000-8000-00000000c0de -o visit.ndjson
  sevenstep evidence 01938f6e-0000-7000-8000-00000000c0de --disclose /data/vehicle -o visit.ndjson`,
    )
    .action(async (order: string, { out, ...options }: Options) => {
      try {
        const text = await takeEvidence({ order, ...options }, process.env, words);
        if (out === undefined) terminal.write(text);
        else await writeFile(out, text);
      } catch (error) {
        if (!(error instanceof NoEvidence)) throw error;
        command.error(`error: ${error.message}`);
      }
    });
}
