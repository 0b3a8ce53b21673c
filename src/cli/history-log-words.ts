/** The texts of `sevenstep log`, in the reader's language. */

import type { Verdict } from "../runtime/check-checkpoints.ts";
import type { CliLanguage } from "./words.ts";

export interface HistoryLogWords {
  readonly about: string;
  readonly examples: string;
  readonly head: string;
  readonly keys: string;
  readonly check: string;
  readonly files: string;
  readonly key: string;
  readonly rotate: string;
  readonly lost: string;
  readonly none: string;
  readonly origin: string;
  readonly size: string;
  readonly time: string;
  readonly signedBy: string;
  readonly waiting: string;
  readonly since: (size: number) => string;
  readonly first: string;
  readonly handedOver: string;
  readonly notVouched: string;
  readonly badKey: string;
  readonly noNotes: (file: string) => string;
  readonly verdicts: { readonly [verdict in Verdict]: string };
  readonly checked: (count: number, wrong: number) => string;
  readonly onlyItself: string;
  readonly rotated: (key: string) => string;
  readonly tellAuditors: string;
  readonly notHere: (id: string) => string;
  readonly notLost: string;
  readonly raced: string;
}

export const HISTORY_LOG_WORDS: { readonly [language in CliLanguage]: HistoryLogWords } = {
  en: {
    about: "the log over all entries: its head, its keys, checkpoints kept outside, another key",
    examples: `Examples:
  sevenstep log
  sevenstep log check kept-outside.txt --key "$(cat kept-key)"
  sevenstep log rotate`,
    head: "print the last checkpoint, and how many entries wait for the next one",
    keys: "print the keys that signed the log, oldest first",
    check: "hold checkpoints that were kept outside against the log of this database",
    files: "files of signed notes, as in the file of checkpoints that each server keeps",
    key: "the key that you kept (name+id+key): later ones count only if it leads to them",
    rotate: "give the log another key; the one before vouches for it",
    lost: "the current key is lost: give the log one that nobody vouches for",
    none: "The log is empty: no server has signed it yet.",
    origin: "log",
    size: "entries",
    time: "as of",
    signedBy: "signed by",
    waiting: "not signed yet",
    since: (size) => `since entry ${size + 1}`,
    first: "the first",
    handedOver: "vouched for by the one before",
    notVouched: "vouched for by nobody: the one before was lost",
    badKey: "expected a key such as name+0123abcd+base64",
    noNotes: (file) => `expected checkpoints in ${file}, found none`,
    verdicts: {
      consistent: "the log goes on from it",
      malformed: "is no checkpoint",
      unsigned: "is signed by no key of this log that is trusted",
      ahead: "the log has fewer entries: it went back",
      forked: "the log has other entries: it was rewritten",
    },
    checked: (count, wrong) =>
      wrong === 0
        ? `${count} checkpoints: all agree`
        : `${count} checkpoints: ${wrong} do not agree`,
    onlyItself:
      "No --key was given: the keys are those that the database names, and someone who forged both would agree, too.",
    rotated: (key) => `The log's key is now\n${key}`,
    tellAuditors: "Nobody vouches for it: tell it to your auditors by a way that they trust.",
    notHere: (id) =>
      `the log's current key, ${id}, is not in this server's file: run it where that key lies, or, where it is lost, with --lost`,
    notLost: "the log's current key is here: without --lost it vouches for the next one",
    raced: "somebody else gave the log another key at this moment: look at `sevenstep log keys`",
  },
  zh: {
    about: "全部条目的日志：最新检查点、密钥、核对外存检查点、更换密钥",
    examples: `示例：
  sevenstep log
  sevenstep log check kept-outside.txt --key "$(cat kept-key)"
  sevenstep log rotate`,
    head: "输出最新检查点，以及尚待签名的条目数",
    keys: "按先后列出为日志签名的密钥",
    check: "将保存在外部的检查点与本数据库的日志核对",
    files: "签名注记文件，格式同各服务器保存的检查点文件",
    key: "您保存的密钥（name+id+key）：之后的密钥须由它逐一引出才算数",
    rotate: "为日志更换密钥，由原密钥担保",
    lost: "当前密钥已丢失：换用无人担保的新密钥",
    none: "日志为空：尚无服务器签名。",
    origin: "日志",
    size: "条目数",
    time: "时间",
    signedBy: "签名密钥",
    waiting: "尚未签名",
    since: (size) => `自第 ${size + 1} 条起`,
    first: "首个密钥",
    handedOver: "由前一密钥担保",
    notVouched: "无人担保：前一密钥已丢失",
    badKey: "应为密钥，例如 name+0123abcd+base64",
    noNotes: (file) => `${file} 中没有检查点`,
    verdicts: {
      consistent: "日志由此延续",
      malformed: "不是检查点",
      unsigned: "未由本日志受信任的密钥签名",
      ahead: "日志条目更少：数据已回退",
      forked: "日志条目不同：已被改写",
    },
    checked: (count, wrong) =>
      wrong === 0 ? `${count} 个检查点：全部一致` : `${count} 个检查点：${wrong} 个不一致`,
    onlyItself: "未给出 --key：密钥取自数据库本身，若两者皆被伪造，结果也会一致。",
    rotated: (key) => `日志的密钥现为\n${key}`,
    tellAuditors: "此密钥无人担保：请以审计方信任的途径告知。",
    notHere: (id) =>
      `日志的当前密钥 ${id} 不在本服务器的文件中：请在存有该密钥处执行；若已丢失，请加 --lost`,
    notLost: "日志的当前密钥就在此处：不加 --lost 即可由它担保下一个密钥",
    raced: "此刻已有他人更换日志密钥：请查看 `sevenstep log keys`",
  },
};
