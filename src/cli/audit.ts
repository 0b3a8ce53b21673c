/** `sevenstep audit`: proves all orders of a period, goes on where it was killed, and ends with a signed report. */

import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname, join, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { Command, InvalidArgumentError } from "commander";
import {
  parseSignerKey,
  parseVerifierKey,
  signerOf,
  type SignerKey,
  type VerifierKey,
} from "../audit/log/note-key.ts";
import { formatInstant, parseInstant } from "../../machines/time/instant.ts";
import { replaceFile, writeOnce } from "../keys/write-once.ts";
import { auditOrders } from "../runtime/auditing/audit-orders.ts";
import { auditPeriod, NOTHING_DONE, type AuditProgress } from "../runtime/auditing/audit-period.ts";
import { systemClock } from "../runtime/platform.ts";
import { readText } from "../store/files.ts";
import { createAuditors, type Auditors } from "./audit/auditors.ts";
import { cell, reportBody, reportNote } from "./audit/report.ts";
import { dropState, keepState, readState, type AuditState } from "./audit/state-file.ts";
import { AUDIT_WORDS } from "./audit/words.ts";
import { countUpTo } from "./count-option.ts";
import { readEnvironment, type Environment } from "./environment.ts";
import { ownDatabase, type OwnDatabase } from "./own-database.ts";
import { productVersion } from "./product-version.ts";
import type { Terminal } from "./terminal.ts";
import { cliLanguage } from "./words.ts";

interface Options {
  readonly from?: number;
  readonly to?: number;
  readonly threads?: number;
  readonly state?: string;
  readonly out?: string;
  readonly signingKey?: string;
  readonly logKey?: VerifierKey;
  readonly check?: string;
  readonly key?: VerifierKey;
}

type Words = (typeof AUDIT_WORDS)["en"];
type Tell = (line: string) => void;

const MOST_THREADS = 256;

/** Exit code 1: something was found wrong, or nothing could be audited. */
export function auditCommand(
  terminal: Terminal,
  tell: Tell = (line) => void process.stderr.write(line),
): Command {
  const words = AUDIT_WORDS[cliLanguage(terminal)];
  const command = new Command("audit");
  return command
    .description(words.about)
    .option("--from <instant>", words.from, instantOr(words.badInstant))
    .option("--to <instant>", words.to, instantOr(words.badInstant))
    .option("--threads <count>", words.threads, countUpTo(MOST_THREADS, words.badThreads))
    .option("--state <file>", words.state)
    .option("--out <file>", words.out)
    .option("--signing-key <file>", words.key)
    .option("--log-key <vkey>", words.logKey, keyOr(words.badKey))
    .option("--check <report>", words.check)
    .option("--key <vkey>", words.vkey, keyOr(words.badKey))
    .addHelpText("after", `\n${words.example}`)
    .action(async (options: Options) => {
      const { check } = options;
      if (check !== undefined) return checked(check, options.key, { command, terminal, words });
      const environment = readEnvironment(process.env);
      const ended = await audited(environment, options, { command, terminal, words, tell });
      for (const finding of ended.progress.findings) {
        terminal.write(`${findingText(finding, words)}\n`);
      }
      const { orders, entries, wrong } = ended.progress;
      terminal.write(`${wrong === 0 ? words.right(orders, entries) : words.wrong(wrong)}\n`);
      terminal.write(`${words.written(ended.path, ended.vkey)}\n`);
      if (wrong > 0) terminal.exitWith(1);
    });
}

interface Desk {
  readonly command: Command;
  readonly terminal: Terminal;
  readonly words: Words;
}

async function checked(
  path: string,
  key: VerifierKey | undefined,
  { command, terminal, words }: Desk,
): Promise<void> {
  if (key === undefined) return command.error(`error: ${words.noKeyToCheck}`);
  const body = reportBody((await readText(path)) ?? "", key);
  if (body === null) return command.error(`error: ${words.unsigned(path)}`);
  terminal.write(body);
}

async function audited(
  environment: Environment,
  options: Options,
  { command, words, tell }: Desk & { readonly tell: Tell },
): Promise<AuditState & { readonly path: string; readonly vkey: string }> {
  const { dataFolder } = environment;
  const { from = null, to = null, logKey = null } = options;
  const subject = {
    database: nameOf(environment),
    from: from === null ? null : formatInstant(from),
    to: to === null ? null : formatInstant(to),
  };
  const statePath = options.state ?? join(dataFolder, "audit-state.json");
  await mkdir(dirname(statePath), { recursive: true, mode: 0o700 });
  const before = await readState(statePath, subject);
  if (before === "another") return command.error(`error: ${words.another(statePath)}`);
  if (before !== null) tell(`${words.goesOn(before.began)}\n`);
  const began = before?.began ?? formatInstant(systemClock.now());
  const database = await ownDatabase(environment);
  const auditors = auditorsFor(environment, database, options);
  let progress = before?.progress ?? NOTHING_DONE;
  const pace = paceOf(progress, words, tell);
  try {
    const ports = { store: database.store, audit: auditors.audit };
    for await (progress of auditPeriod(ports, { from, to, trusted: logKey }, progress)) {
      await keepState(statePath, { ...subject, began, progress });
      pace(progress);
    }
  } finally {
    await auditors.close();
    await database.close();
  }
  const signer = await signingKey(options.signingKey ?? join(dataFolder, "audit-key"));
  const ended = formatInstant(systemClock.now());
  const version = await productVersion();
  const trusted = logKey?.text ?? null;
  const path = options.out ?? `audit-${ended.slice(0, 10)}.md`;
  const report = { ...subject, began, progress, ended, version, trusted };
  await replaceFile(path, reportNote(report, signer));
  await dropState(statePath);
  return { ...report, path, vkey: signer.verifier.text };
}

/** On a server each thread has a connection of its own; a database inside the process is worked on where it is. */
function auditorsFor(
  { databaseUrl }: Environment,
  database: OwnDatabase,
  { threads = availableParallelism() }: Options,
): Auditors {
  if (databaseUrl !== undefined) return createAuditors(threads);
  return {
    audit: (orders, checkpoint) => auditOrders(database, orders, checkpoint),
    close: () => Promise.resolve(),
  };
}

const TELL_EVERY_MS = 2_000;

function paceOf(before: AuditProgress, words: Words, tell: Tell): (now: AuditProgress) => void {
  const began = performance.now();
  let told = began;
  return ({ phase, orders, entries, wrong, log }) => {
    const now = performance.now();
    if (now - told < TELL_EVERY_MS) return;
    told = now;
    const perSecond = Math.round(((entries - before.entries) / (now - began)) * 1_000);
    const line =
      phase === "orders" || log === null
        ? words.orders(orders, entries, wrong, perSecond)
        : words.log(log.reached, log.checkpoint.size, wrong);
    tell(`${line}\n`);
  };
}

function findingText(
  { order, revision, field, expected, found }: AuditProgress["findings"][number],
  words: Words,
): string {
  const place =
    order === null
      ? `${words.theLog}, ${field}`
      : words.found(order, String(revision ?? "-"), field);
  return `${place}\n  ${words.expected} ${cell(expected)}\n  ${words.actual} ${cell(found)}`;
}

/** Without a password. */
function nameOf({ databaseUrl, dataFolder }: Environment): string {
  if (databaseUrl === undefined) return resolve(dataFolder);
  const { protocol, host, pathname } = new URL(databaseUrl);
  return `${protocol}//${host}${pathname}`;
}

const KEY_NAME = "sevenstep.audit";
const SEED_BYTES = 32;

/** Of several audits that begin at once, all sign with the one that was made first. */
async function signingKey(path: string): Promise<SignerKey> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  if ((await readText(path)) === null) {
    await writeOnce(path, `${signerOf(KEY_NAME, randomBytes(SEED_BYTES)).secret}\n`);
  }
  const key = parseSignerKey(((await readText(path)) ?? "").trim());
  if (key !== null) return key;
  throw new Error(
    `expected the key of audit reports in ${path}, one line that begins with PRIVATE+KEY+, found something else`,
  );
}

function instantOr(complaint: string) {
  return (text: string): number => {
    const day = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00.000Z` : text;
    const instant = parseInstant(day);
    if (instant === null) throw new InvalidArgumentError(complaint);
    return instant;
  };
}

function keyOr(complaint: string) {
  return (text: string): VerifierKey => {
    const key = parseVerifierKey(text);
    if (key === null) throw new InvalidArgumentError(complaint);
    return key;
  };
}
