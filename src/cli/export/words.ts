/** The texts of `export`, in the reader's language. */

import type { CliLanguage } from "../words.ts";

export interface ExportWords {
  readonly about: string;
  readonly format: string;
  readonly period: string;
  readonly badPeriod: string;
  readonly process: string;
  readonly centre: string;
  readonly out: string;
  readonly needsFile: string;
  readonly needsDatabase: string;
  readonly brokenOff: string;
  readonly damaged: (order: string, revision: number, field: string) => string;
  readonly progress: (orders: number, entries: number) => string;
  readonly done: (orders: number, entries: number, file: string) => string;
}

export const EXPORT_WORDS: { readonly [language in CliLanguage]: ExportWords } = {
  en: {
    about: "write histories for process mining: OCEL 2.0, XES, or the stored lines",
    format: "ocel2 (JSON), ocel2-sqlite, xes (IEEE 1849), or ndjson (the stored lines)",
    period:
      "only orders that began then: a year, month or day, or two with a slash between (UTC), such as 2026-03 or 2026-03-01/2026-03-15",
    badPeriod: "expected a period such as 2026-03 or 2026-03-01/2026-03-15",
    process: "only orders of this process",
    centre: "only orders of this centre",
    out: "the file; it appears when it is whole (default: the standard output)",
    needsFile: "expected --out: a database is no text",
    needsDatabase:
      "a server gives no SQLite file: run it beside the database, with DATABASE_URL, or while no server has the data folder open",
    brokenOff: "the server broke off: what was written is not whole",
    damaged: (order, revision, field) =>
      `order ${order} diverges at revision ${revision}, in ${field}: nothing was written. \`sevenstep replay ${order}\` shows what was expected there.`,
    progress: (orders, entries) => `${orders} orders, ${entries} entries`,
    done: (orders, entries, file) => `${orders} orders, ${entries} entries in ${file}`,
  },
  zh: {
    about: "导出历史供流程挖掘：OCEL 2.0、XES 或存储的原始行",
    format: "ocel2（JSON）、ocel2-sqlite、xes（IEEE 1849）或 ndjson（存储的原始行）",
    period:
      "仅在此期间开始的工单：年、月、日，或以斜杠分隔的两个日期（UTC），例如 2026-03 或 2026-03-01/2026-03-15",
    badPeriod: "应为期间，例如 2026-03 或 2026-03-01/2026-03-15",
    process: "仅此流程的工单",
    centre: "仅此服务中心的工单",
    out: "输出文件；完整写出后才会出现（默认：标准输出）",
    needsFile: "应给出 --out：数据库不是文本",
    needsDatabase:
      "服务器不提供 SQLite 文件：请在数据库旁运行（设置 DATABASE_URL，或在没有服务器占用数据目录时）",
    brokenOff: "服务器中途断开：已写出的内容不完整",
    damaged: (order, revision, field) =>
      `工单 ${order} 的历史在第 ${revision} 版的 ${field} 处不一致：未写出任何内容。\`sevenstep replay ${order}\` 会显示应有的内容。`,
    progress: (orders, entries) => `${orders} 张工单，${entries} 条记录`,
    done: (orders, entries, file) => `${orders} 张工单，${entries} 条记录，写入 ${file}`,
  },
};
