/** The texts of `evidence` and `verify`, in the reader's language. */

import type { CliLanguage } from "../words.ts";

export interface EvidenceWords {
  readonly evidence: string;
  readonly order: string;
  readonly out: string;
  readonly disclose: string;
  readonly url: string;
  readonly token: string;
  readonly notAnId: (text: string) => string;
  readonly badDisclose: string;
  readonly unreachable: (url: string) => string;
  readonly noServer: (folder: string) => string;
  readonly verify: string;
  readonly bundles: string;
  readonly key: string;
  readonly handovers: string;
  readonly json: string;
  readonly badKey: (text: string) => string;
  readonly cantRead: (path: string) => string;
  readonly proved: string;
  readonly refuted: (place: string) => string;
  readonly expected: string;
  readonly found: string;
  readonly labels: {
    readonly [
      label in "order" | "entries" | "log" | "values" | "replay" | "rules" | "clock" | "readme"
    ]: string;
  };
  readonly entries: (count: number, from: string, to: string) => string;
  readonly log: (position: number, size: number, time: string, key: string) => string;
  readonly values: (opened: number, sealed: number) => string;
  readonly replayed: string;
  readonly rules: (separations: number, timers: number, effects: number) => string;
  readonly testClock: string;
  readonly anotherReadme: string;
}

export const EVIDENCE_WORDS: { readonly [language in CliLanguage]: EvidenceWords } = {
  en: {
    evidence: "write an order's evidence: a file that verifies offline",
    order: "the order's id",
    out: "write it into this file (default: to the standard output)",
    disclose:
      "which sealed values are opened in it: visible, none, or JSON Pointers and commitments with commas between",
    url: "of a running server (default: the database that the environment names)",
    token: "of whoever asks the server (default: its admin's)",
    notAnId: (text) => `expected an order's id, found ${text}`,
    badDisclose: "expected visible, none, or JSON Pointers and commitments with commas between",
    unreachable: (url) => `nobody answers at ${url}`,
    noServer: (folder) =>
      `no server has run in ${folder}: name another by SEVENSTEP_DATA, or by --url and --token`,
    verify: "verify and replay evidence bundles, with the log's public key and nothing else",
    bundles: "files of evidence bundles",
    key: "the log's public key (name+id+key), or a file of such lines; may be given several times",
    handovers: "a file of notes by which the log's keys hand over to each other",
    json: "print each verdict as a line of JSON",
    badKey: (text) =>
      `expected a public key of a log (name+id+key) or a file of them, found ${text}`,
    cantRead: (path) => `${path} can't be read`,
    proved: "proved",
    refuted: (place) => `REFUTED at ${place}`,
    expected: "expected",
    found: "found",
    labels: {
      order: "order",
      entries: "entries",
      log: "log",
      values: "values",
      replay: "replay",
      rules: "rules",
      clock: "clock",
      readme: "readme",
    },
    entries: (count, from, to) => `${count}, from ${from} to ${to}, in one chain`,
    log: (position, size, time, key) =>
      `the last one stands at position ${position} of ${size}, signed at ${time} by ${key}`,
    values: (opened, sealed) =>
      `${opened} of ${sealed} sealed values opened, each as it was committed to`,
    replayed: "every state follows from its event, to the byte",
    rules: (separations, timers, effects) =>
      `${separations} separations of duties held, ${timers} timers fired and none early, ${effects} effects and all declared`,
    testClock: "the order lived by a test clock: its times are not real ones",
    anotherReadme: "the file's readme is not this release's; it proves nothing either way",
  },
  zh: {
    evidence: "写出工单的证据文件，可离线验证",
    order: "工单号",
    out: "写入此文件（默认：标准输出）",
    disclose:
      "公开哪些封存的值：visible（可见的全部）、none（不公开），或以逗号分隔的 JSON Pointer 与承诺值",
    url: "运行中的服务器地址（默认：环境变量所指的数据库）",
    token: "向服务器出示的令牌（默认：其管理员令牌）",
    notAnId: (text) => `应为工单号，却是 ${text}`,
    badDisclose: "应为 visible、none，或以逗号分隔的 JSON Pointer 与承诺值",
    unreachable: (url) => `${url} 没有应答`,
    noServer: (folder) =>
      `${folder} 中尚未运行过服务器：请设置 SEVENSTEP_DATA，或给出 --url 与 --token`,
    verify: "只凭日志公钥验证并重放证据文件",
    bundles: "证据文件",
    key: "日志公钥（name+id+key），或每行一个公钥的文件；可多次给出",
    handovers: "日志密钥交接说明的文件",
    json: "每个结论输出为一行 JSON",
    badKey: (text) => `应为日志公钥（name+id+key）或其文件，却是 ${text}`,
    cantRead: (path) => `无法读取 ${path}`,
    proved: "已证实",
    refuted: (place) => `不成立，位于 ${place}`,
    expected: "应为",
    found: "却是",
    labels: {
      order: "工单",
      entries: "记录",
      log: "日志",
      values: "封存值",
      replay: "重放",
      rules: "规则",
      clock: "时钟",
      readme: "说明",
    },
    entries: (count, from, to) => `${count} 条，${from} 至 ${to}，连成一链`,
    log: (position, size, time, key) =>
      `最后一条位于日志第 ${position} 位（共 ${size} 条），由 ${key} 于 ${time} 签署`,
    values: (opened, sealed) => `${sealed} 个封存值中公开了 ${opened} 个，均与承诺值相符`,
    replayed: "每个状态都由其事件逐字节推得",
    rules: (separations, timers, effects) =>
      `职责分离 ${separations} 次均遵守，定时器触发 ${timers} 次均未提前，效果 ${effects} 个均已声明`,
    testClock: "该工单使用测试时钟，其时间并非真实时间",
    anotherReadme: "文件中的说明不是本版本的说明；它对证明没有影响",
  },
};
