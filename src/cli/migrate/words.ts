/** The texts of `migrate`, in the reader's language. */

import type { CliLanguage } from "../words.ts";

interface MigrateWords {
  readonly about: string;
  readonly order: string;
  readonly to: string;
  readonly rules: string;
  readonly by: string;
  readonly reason: string;
  readonly dryRun: string;
  readonly json: string;
  readonly example: string;
  readonly moved: (order: string, from: string, to: string, revision: number) => string;
  readonly wouldMove: (order: string, from: string, to: string) => string;
  readonly parts: {
    readonly [part in "state" | "timers" | "jobs" | "tasks" | "data" | "items"]: string;
  };
  readonly begun: string;
  readonly ended: string;
  readonly refused: string;
  readonly unreadable: (path: string) => string;
}

export const MIGRATE_WORDS: { readonly [language in CliLanguage]: MigrateWords } = {
  en: {
    about: "bring an open order into another version of its process, as one entry of its history",
    order: "the order's id",
    to: "the version that it shall live under",
    rules: "a file that says where states, data and items go that bear another name there",
    by: "who answers for it: a stable pseudonymous id, which its history keeps",
    reason: "why, for whoever reads its history; never a person's data",
    dryRun: "show what would happen, and write nothing",
    json: "print the result as JSON",
    example: `Examples:
  sevenstep migrate 01938f6e-0000-7000-8000-00000000c0de --to 1.1.0 --by root --dry-run
  sevenstep migrate 01938f6e-0000-7000-8000-00000000c0de --to 2.0.0 --by root --rules rules.yaml

A file of rules:
  states: { diagnosis.photos: diagnosis.pictures }   # state -> state, several, or an expression
  data: { promisedAt: "= slot.end" }                 # field: value
  drop: [slot]
  items: { lines: { to: addOns, states: { open: proposed } } }`,
    moved: (order, from, to, revision) =>
      `${order} has gone from ${from} to ${to} with entry ${revision}.`,
    wouldMove: (order, from, to) => `${order} would go from ${from} to ${to}.`,
    parts: {
      ...{ state: "state", timers: "timers", jobs: "jobs", tasks: "tasks" },
      ...{ data: "data", items: "items" },
    },
    begun: "begin",
    ended: "end",
    refused: "nothing was changed",
    unreadable: (path) => `expected rules in ${path}, found no such file`,
  },
  zh: {
    about: "将未结束的工单迁移到其流程的另一版本，作为其历史中的一条记录",
    order: "工单号",
    to: "迁移到的版本",
    rules: "规则文件：说明名称有变化的状态、数据和条目去往何处",
    by: "负责人：稳定的化名编号，记入历史",
    reason: "原因，供阅读历史的人参考；不得含个人信息",
    dryRun: "只显示将会发生什么，不写入",
    json: "以 JSON 输出结果",
    example: `示例：
  sevenstep migrate 01938f6e-0000-7000-8000-00000000c0de --to 1.1.0 --by root --dry-run
  sevenstep migrate 01938f6e-0000-7000-8000-00000000c0de --to 2.0.0 --by root --rules rules.yaml

规则文件：
  states: { diagnosis.photos: diagnosis.pictures }   # 状态 -> 状态、多个状态或表达式
  data: { promisedAt: "= slot.end" }                 # 字段：值
  drop: [slot]
  items: { lines: { to: addOns, states: { open: proposed } } }`,
    moved: (order, from, to, revision) =>
      `${order} 已由 ${from} 迁移到 ${to}，记录为第 ${revision} 条。`,
    wouldMove: (order, from, to) => `${order} 将由 ${from} 迁移到 ${to}。`,
    parts: {
      ...{ state: "状态", timers: "定时器", jobs: "作业", tasks: "任务" },
      ...{ data: "数据", items: "条目" },
    },
    begun: "开始",
    ended: "结束",
    refused: "未作任何更改",
    unreadable: (path) => `${path} 处没有规则文件`,
  },
};
