/**
 * The report of an audit: a signed note (https://c2sp.org/signed-note) whose text says the same in English, in Chinese, and
 * in JSON. Its first line is no log's name, so that nobody takes it for a checkpoint.
 */

import { isSignedBy, parseNote, signNote } from "../../audit/log/signed-note.ts";
import type { SignerKey, VerifierKey } from "../../audit/log/note-key.ts";
import type { AuditFinding } from "../../runtime/auditing/finding.ts";
import type { AuditState } from "./state-file.ts";

const REPORT_TITLE = "sevenstep audit report v1";

export interface Ended extends AuditState {
  readonly ended: string;
  /** Of the program. */
  readonly version: string;
  /** The line of a key of the log that was known from elsewhere; null: the log's own word was taken for it. */
  readonly trusted: string | null;
}

export function reportNote(audit: Ended, signer: SignerKey): string {
  return signNote(bodyOf(audit), [signer]);
}

/** Null: no such report, or not signed by this key. */
export function reportBody(text: string, key: VerifierKey): string | null {
  const note = parseNote(text);
  if (note === null || !note.body.startsWith(`${REPORT_TITLE}\n`)) return null;
  return isSignedBy(note, key) ? note.body : null;
}

function bodyOf(audit: Ended): string {
  const { progress } = audit;
  const { findings, ...rest } = progress;
  const json = JSON.stringify({ ...audit, progress: rest, findings }, null, 1);
  const parts = [
    REPORT_TITLE,
    ENGLISH.summary(audit).join("\n"),
    CHINESE.summary(audit).join("\n"),
    table(findings),
    ["```json", json, "```"].join("\n"),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function table(findings: readonly AuditFinding[]): string {
  if (findings.length === 0) return "";
  const rows = findings.map(({ order, revision, field, expected, found }) =>
    [order ?? "-", revision === null ? "-" : String(revision), field, expected, found].map(cell),
  );
  const lines = [HEAD, HEAD.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`);
  return lines.join("\n");
}

const HEAD = ["order 工单", "revision 记录", "field 字段", "expected 应为", "found 实为"] as const;

/** What stands in a database may be anything; in a line of a table it is one cell of plain text. */
export function cell(text: string): string {
  const plain = text.toWellFormed().replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ");
  return plain.replaceAll("\\", "\\\\").replaceAll("|", "\\|");
}

interface Words {
  readonly summary: (audit: Ended) => readonly string[];
}

const ENGLISH: Words = {
  summary: ({ database, from, to, began, ended, version, trusted, progress }) => {
    const { orders, entries, tooNew, wrong, findings, log } = progress;
    const leaves = log === null ? 0 : log.reached - log.from;
    return [
      `Audited: ${database}, orders that lived from ${from ?? "the beginning"} to ${to ?? "now"}.`,
      `Begun ${began}, ended ${ended}, by sevenstep ${version}.`,
      `Orders: ${orders}, with ${entries} entries replayed to the byte, their seals opened where the keys are, and timers, jobs, tasks, tags and messages held against them.`,
      log === null
        ? "Log: there is none, or its checkpoint is not to be believed. The histories were held against themselves alone."
        : `Log: ${leaves} leaves, at positions ${log.from + 1} to ${log.reached}, held against the stored entries and the signed root of ${log.checkpoint.size} entries.`,
      ...(log !== null && trusted === null
        ? [
            "The log's key was taken from the database itself: name one by --log-key to trust nobody.",
          ]
        : []),
      ...(tooNew === 0
        ? []
        : [
            `${tooNew} orders changed too late for the log's last checkpoint: their last entries were not looked for in it.`,
          ]),
      wrong === 0
        ? "Nothing was found wrong."
        : `WRONG: ${wrong} findings${findings.length < wrong ? `, of which the first ${findings.length} are named` : ""}.`,
    ];
  },
};

const CHINESE: Words = {
  summary: ({ database, from, to, began, ended, version, trusted, progress }) => {
    const { orders, entries, tooNew, wrong, findings, log } = progress;
    const leaves = log === null ? 0 : log.reached - log.from;
    return [
      `审计对象：${database}，自${from ?? "最初"}至${to ?? "现在"}期间存续的工单。`,
      `开始于 ${began}，结束于 ${ended}，程序版本 sevenstep ${version}。`,
      `工单：${orders} 张，共 ${entries} 条记录逐字节重放，有密钥的封存值已开启核对，定时器、作业、任务、标签和外发消息已与历史核对。`,
      log === null
        ? "日志：没有日志，或其检查点不可信；历史仅与自身核对。"
        : `日志：第 ${log.from + 1} 至 ${log.reached} 位共 ${leaves} 个叶子已与存储的记录及 ${log.checkpoint.size} 条记录的已签名根核对。`,
      ...(log !== null && trusted === null
        ? ["日志的密钥取自数据库本身：用 --log-key 指定密钥即可不信任任何人。"]
        : []),
      ...(tooNew === 0
        ? []
        : [`${tooNew} 张工单的变化晚于日志的最后检查点，未在日志中查找其最后一条记录。`]),
      wrong === 0
        ? "未发现任何问题。"
        : `有问题：共 ${wrong} 处${findings.length < wrong ? `，列出前 ${findings.length} 处` : ""}。`,
    ];
  },
};
