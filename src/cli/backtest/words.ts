/** The texts of `backtest`, in the reader's language. */

import type { Verdict } from "../../audit/backtest/backtest-history.ts";
import type { CliLanguage } from "../words.ts";

export interface BacktestWords {
  readonly about: string;
  readonly definition: string;
  readonly against: string;
  readonly json: string;
  readonly badPeriod: string;
  readonly unsound: (file: string) => string;
  readonly progress: (done: number, refused: number, perSecond: number) => string;
  readonly ran: (histories: number, entries: number, process: string, version: string) => string;
  readonly recordedUnder: (versions: string) => string;
  readonly migrated: (count: number) => string;
  readonly none: string;
  readonly verdicts: { readonly [verdict in Verdict]: string };
  readonly unproven: string;
  readonly refusals: string;
  readonly endings: string;
  readonly partings: string;
  readonly effects: string;
  readonly undecidedNote: string;
  readonly unprovenNote: string;
  readonly times: (count: number) => string;
  readonly at: (state: string) => string;
  readonly start: string;
  readonly ended: (told: string, found: string) => string;
  readonly parted: (event: string, told: string, found: string) => string;
  readonly effect: (name: string, told: number, found: number, histories: number) => string;
  readonly waitsFor: (jobs: string) => string;
  readonly example: string;
  readonly allSame: string;
}

export const BACKTEST_WORDS: { readonly [language in CliLanguage]: BacktestWords } = {
  en: {
    about:
      "run recorded histories through a definition: what it refuses, and where they end elsewhere",
    definition: "the definition (YAML or JSON)",
    against:
      "orders that began in a period such as 2026-03 or 2026-03-01/2026-03-15, or a folder or file of evidence bundles",
    json: "print the result as JSON",
    badPeriod:
      "expected a period such as 2026, 2026-03, 2026-03-01 or 2026-03-01/2026-03-15 (its end left out, in UTC), or a folder or file of bundles",
    unsound: (file) => `${file} has errors: \`sevenstep check\` names them`,
    progress: (done, refused, perSecond) =>
      `${done} histories, ${refused} not as recorded, ${perSecond}/s`,
    ran: (histories, entries, process, version) =>
      `${histories} ${histories === 1 ? "history" : "histories"} with ${entries} entries, run through ${process} ${version}`,
    recordedUnder: (versions) => `recorded under ${versions}`,
    migrated: (count) =>
      `${count} of them went on in another version on the way; what that itself moved or set is not done again`,
    none: "No history of this process was found.",
    verdicts: {
      same: "as recorded",
      elsewhere: "all is taken, but it ends elsewhere",
      refused: "something is refused",
      undecided: "can't be decided: personal values were not disclosed",
    },
    unproven: "do not hold, and were not judged",
    refusals: "What is refused first",
    endings: "Where they end",
    partings: "Where ways part before anything is refused",
    effects: "Effects where nothing is refused",
    undecidedNote: "undecided",
    unprovenNote: "Histories that do not hold",
    times: (count) => `${count}×`,
    at: (state) => `at ${state}`,
    start: "at the start",
    ended: (told, found) => `${told} → ${found}`,
    parted: (event, told, found) => `${event}: ${told} → ${found}`,
    effect: (name, told, found, histories) =>
      `${name}: ${told} → ${found}, in ${histories} ${histories === 1 ? "history" : "histories"}`,
    waitsFor: (jobs) => `waiting for ${jobs}`,
    example: "such as",
    allSame: "Every history goes as it was recorded.",
  },
  zh: {
    about: "用某个流程定义重跑已记录的历史：哪些会被拒绝，哪些结局不同",
    definition: "流程定义（YAML 或 JSON）",
    against: "某时段内开始的工单，如 2026-03 或 2026-03-01/2026-03-15；或证据包文件、文件夹",
    json: "以 JSON 输出结果",
    badPeriod:
      "应为时段，如 2026、2026-03、2026-03-01 或 2026-03-01/2026-03-15（不含结束日，UTC），或证据包文件、文件夹",
    unsound: (file) => `${file} 有错误：用 \`sevenstep check\` 查看`,
    progress: (done, refused, perSecond) =>
      `${done} 份历史，${refused} 份与记录不同，每秒 ${perSecond} 份`,
    ran: (histories, entries, process, version) =>
      `${histories} 份历史、${entries} 条记录，按 ${process} ${version} 重跑`,
    recordedUnder: (versions) => `记录时的版本：${versions}`,
    migrated: (count) => `其中 ${count} 份中途迁移过版本；迁移本身移动或设定的内容不会重做`,
    none: "没有找到该流程的历史。",
    verdicts: {
      same: "与记录一致",
      elsewhere: "全部接受，但结局不同",
      refused: "有内容被拒绝",
      undecided: "无法判定：个人信息未披露",
    },
    unproven: "历史不成立，未作判定",
    refusals: "最先被拒绝的内容",
    endings: "结局",
    partings: "在被拒绝之前分道之处",
    effects: "未被拒绝的历史中的效果",
    undecidedNote: "未判定",
    unprovenNote: "不成立的历史",
    times: (count) => `${count} 次`,
    at: (state) => `在 ${state}`,
    start: "创建时",
    ended: (told, found) => `${told} → ${found}`,
    parted: (event, told, found) => `${event}：${told} → ${found}`,
    effect: (name, told, found, histories) =>
      `${name}：${told} → ${found}，涉及 ${histories} 份历史`,
    waitsFor: (jobs) => `等待 ${jobs}`,
    example: "例如",
    allSame: "每份历史都与记录一致。",
  },
};
