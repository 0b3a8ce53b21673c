/** The texts of `conformance`, in the reader's language. */

import type { Commonness } from "../../audit/conformance/conformance.ts";
import type { CliLanguage } from "../words.ts";

export interface ConformanceWords {
  readonly about: string;
  readonly process: string;
  readonly by: string;
  readonly rare: string;
  readonly badRare: string;
  readonly override: string;
  readonly svg: string;
  readonly json: string;
  readonly all: string;
  readonly none: string;
  readonly heading: (process: string, ended: number, open: number) => string;
  readonly ways: { readonly [level in "step" | "state"]: string };
  readonly commonness: { readonly [each in Commonness]: string };
  readonly legend: (rarePercent: string) => string;
  readonly more: (variants: number, orders: number) => string;
  readonly others: (orders: number) => string;
  readonly onlyByOverride: string;
  readonly rareMoves: string;
  readonly overrides: string;
  readonly noOverrides: string;
  readonly times: (times: number, orders: number) => string;
  readonly start: string;
  readonly example: string;
}

export const CONFORMANCE_WORDS: { readonly [language in CliLanguage]: ConformanceWords } = {
  en: {
    about: "tell which ways orders really went: common, rare, or only by an override",
    process: "the process",
    by: "what a way is made of: steps of the process, or its very states",
    rare: "below how many percent of the orders a way is rare",
    badRare: "expected a number from 0 to 100",
    override:
      "an event that overrides something, beside those whose names begin with OVERRIDE; may be given several times",
    svg: "draw the ways into this file",
    json: "print the report as JSON",
    all: "print every way, not only the twenty most frequent ones",
    none: "no order of this process began then",
    heading: (process, ended, open) =>
      `${process}: ${ended + open} orders, ${ended} ended, ${open} under way`,
    ways: { step: "Ways through the steps", state: "Ways through the states" },
    commonness: { common: "common", rare: "rare", override: "override" },
    legend: (percent) =>
      `rare: below ${percent} % of the orders that ended. override: nobody went this way without one; * marks where.`,
    more: (variants, orders) => `and ${variants} more ways, of ${orders} orders`,
    others: (orders) => `${orders} orders went ways too many to be told apart`,
    onlyByOverride: "Moves that only an override took",
    rareMoves: "Rare moves",
    overrides: "Overrides",
    noOverrides: "none",
    times: (times, orders) => `${times} times in ${orders} orders`,
    start: "start",
    example: "such as",
  },
  zh: {
    about: "统计工单实际走过的路径：常见、罕见，或仅靠放行才走到",
    process: "流程",
    by: "路径的粒度：流程步骤，或具体状态",
    rare: "低于百分之多少的工单即为罕见",
    badRare: "应为 0 至 100 的数字",
    override: "除名称以 OVERRIDE 开头的事件外，另一个放行事件；可多次给出",
    svg: "将路径绘制到此文件",
    json: "以 JSON 输出报告",
    all: "输出所有路径，而非仅最常见的二十条",
    none: "该期间没有此流程的工单",
    heading: (process, ended, open) =>
      `${process}：共 ${ended + open} 张工单，已结束 ${ended}，进行中 ${open}`,
    ways: { step: "按步骤的路径", state: "按状态的路径" },
    commonness: { common: "常见", rare: "罕见", override: "放行" },
    legend: (percent) =>
      `罕见：低于已结束工单的 ${percent} %。放行：不经放行则无人走过；* 标出放行之处。`,
    more: (variants, orders) => `另有 ${variants} 条路径，共 ${orders} 张工单`,
    others: (orders) => `另有 ${orders} 张工单的路径过多，未逐一区分`,
    onlyByOverride: "仅由放行完成的转移",
    rareMoves: "罕见的转移",
    overrides: "放行",
    noOverrides: "无",
    times: (times, orders) => `${times} 次，涉及 ${orders} 张工单`,
    start: "开始",
    example: "例如",
  },
};
