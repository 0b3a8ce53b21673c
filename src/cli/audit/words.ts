/** The texts of `audit`, in the reader's language. */

import type { CliLanguage } from "../words.ts";

interface AuditWords {
  readonly about: string;
  readonly from: string;
  readonly to: string;
  readonly threads: string;
  readonly badThreads: string;
  readonly state: string;
  readonly out: string;
  readonly key: string;
  readonly logKey: string;
  readonly check: string;
  readonly vkey: string;
  readonly example: string;
  readonly badInstant: string;
  readonly badKey: string;
  readonly noKeyToCheck: string;
  readonly unsigned: (path: string) => string;
  readonly another: (path: string) => string;
  readonly goesOn: (began: string) => string;
  readonly orders: (orders: number, entries: number, wrong: number, perSecond: number) => string;
  readonly log: (reached: number, size: number, wrong: number) => string;
  readonly found: (order: string, revision: string, field: string) => string;
  readonly theLog: string;
  readonly expected: string;
  readonly actual: string;
  readonly right: (orders: number, entries: number) => string;
  readonly wrong: (count: number) => string;
  readonly written: (path: string, vkey: string) => string;
}

export const AUDIT_WORDS: { readonly [language in CliLanguage]: AuditWords } = {
  en: {
    about: "prove all orders of a period, the log and what lies beside them, and sign a report",
    from: "orders that changed at this instant or later, such as 2026-03-01 (absent: all)",
    to: "and that began before this instant (absent: all)",
    threads: "how many threads work on it; the embedded database takes one",
    badThreads: "expected a whole number from 1 to 256",
    state: "where it is kept how far the audit has come; the same audit goes on from there",
    out: "the file of the report",
    key: "the key that signs the report, made where there is none",
    logKey: "a key of the log that you trust (name+id+key); absent: those that the database names",
    check: "check the signature of a report in place of an audit",
    vkey: "whose signature it must be (name+id+key)",
    example: `Examples:
  sevenstep audit --from 2026-03-01 --to 2026-04-01 --out march.md
  sevenstep audit --check march.md --key sevenstep.audit+12345678+AX...`,
    badInstant: "expected an instant or a day, such as 2026-03-01 or 2026-03-01T08:00:00Z",
    badKey: "expected a key's line: name+id+key",
    noKeyToCheck: "expected --key beside --check: whose signature it must be",
    unsigned: (path) => `${path} is no audit report with a right signature of this key`,
    another: (path) =>
      `${path} holds the state of another audit: finish that one, name another file by --state, or remove it`,
    goesOn: (began) => `going on with the audit that began ${began}`,
    orders: (orders, entries, wrong, perSecond) =>
      `${orders} orders, ${entries} entries, ${wrong} wrong, ${perSecond} entries/s`,
    log: (reached, size, wrong) => `log: ${reached} of ${size} entries, ${wrong} wrong`,
    found: (order, revision, field) => `order ${order}, entry ${revision}, ${field}`,
    theLog: "the log",
    expected: "expected",
    actual: "found",
    right: (orders, entries) =>
      `${orders} orders with ${entries} entries: nothing was found wrong.`,
    wrong: (count) => `${count} found wrong.`,
    written: (path, vkey) => `The report is ${path}, signed by\n${vkey}`,
  },
  zh: {
    about: "证明某一时期的全部工单、日志及其相关数据，并签署报告",
    from: "在此时刻或之后有变化的工单，如 2026-03-01（缺省：全部）",
    to: "且在此时刻之前开始（缺省：全部）",
    threads: "使用的线程数；内嵌数据库只用一个",
    badThreads: "应为 1 至 256 的整数",
    state: "保存进度的文件；同一审计会从该处继续",
    out: "报告文件",
    key: "签署报告的密钥，没有时自动生成",
    logKey: "您信任的日志密钥（name+id+key）；缺省：数据库所记载的密钥",
    check: "不做审计，只检查一份报告的签名",
    vkey: "签名应属于的密钥（name+id+key）",
    example: `示例：
  sevenstep audit --from 2026-03-01 --to 2026-04-01 --out march.md
  sevenstep audit --check march.md --key sevenstep.audit+12345678+AX...`,
    badInstant: "应为时刻或日期，如 2026-03-01 或 2026-03-01T08:00:00Z",
    badKey: "应为密钥行：name+id+key",
    noKeyToCheck: "使用 --check 时须用 --key 指定签名者",
    unsigned: (path) => `${path} 不是由此密钥正确签名的审计报告`,
    another: (path) =>
      `${path} 保存的是另一次审计的进度：请先完成它，用 --state 指定其他文件，或将其删除`,
    goesOn: (began) => `继续 ${began} 开始的审计`,
    orders: (orders, entries, wrong, perSecond) =>
      `工单 ${orders} 张，记录 ${entries} 条，问题 ${wrong} 处，每秒 ${perSecond} 条`,
    log: (reached, size, wrong) => `日志：${size} 条中的 ${reached} 条，问题 ${wrong} 处`,
    found: (order, revision, field) => `工单 ${order}，第 ${revision} 条记录，${field}`,
    theLog: "日志",
    expected: "应为",
    actual: "实为",
    right: (orders, entries) => `工单 ${orders} 张，记录 ${entries} 条：未发现任何问题。`,
    wrong: (count) => `共发现 ${count} 处问题。`,
    written: (path, vkey) => `报告为 ${path}，签名密钥为\n${vkey}`,
  },
};
