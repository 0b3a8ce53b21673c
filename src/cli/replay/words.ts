/** The texts of `replay`, in the reader's language. */

import type { CliLanguage } from "../words.ts";

export interface ReplayWords {
  readonly about: string;
  readonly what: string;
  readonly at: string;
  readonly json: string;
  readonly plain: string;
  readonly url: string;
  readonly token: string;
  readonly badAt: string;
  readonly neither: (what: string) => string;
  readonly noOrder: (id: string) => string;
  readonly noSuchPoint: (wanted: string, last: string) => string;
  readonly tooEarly: (wanted: string, first: string) => string;
  readonly order: string;
  readonly entries: (count: number, from: string, to: string) => string;
  readonly holds: string;
  readonly withheld: (count: number) => string;
  readonly diverges: (revision: number, field: string) => string;
  readonly expected: string;
  readonly found: string;
  readonly types: { readonly [type: string]: string };
  readonly by: string;
  readonly definition: string;
  readonly sent: string;
  readonly state: string;
  readonly data: string;
  readonly item: string;
  readonly timer: string;
  readonly set: string;
  readonly fired: string;
  readonly cancelled: string;
  readonly due: string;
  readonly after: string;
  readonly job: string;
  readonly opened: string;
  readonly completed: string;
  readonly failed: string;
  readonly withdrawn: string;
  readonly effect: string;
  readonly hash: string;
  readonly nothing: string;
  readonly asItWas: string;
  readonly status: string;
  readonly outcome: string;
  readonly isNone: string;
  readonly keys: string;
  readonly of: (at: number, all: number) => string;
}

export const REPLAY_WORDS: { readonly [language in CliLanguage]: ReplayWords } = {
  en: {
    about: "step through an order's history: what happened, who did it, what it changed",
    what: "an order's id, or the file of an evidence bundle",
    at: "the order as it was after this revision, or at this instant",
    json: "print each entry as a line of JSON",
    plain: "print all entries, also at a terminal",
    url: "address of the server that has it (default: from HOST and PORT)",
    token: "token to read with (default: the data folder's admin-token)",
    neither: (what) => `expected an order's id or the file of a bundle, found neither at ${what}`,
    noOrder: (id) => `expected an order that you may read, found none with the id ${id}`,
    badAt: "expected a revision such as 12, or an instant such as 2026-11-22T08:00:00Z",
    noSuchPoint: (wanted, last) => `expected a revision up to ${last}, found ${wanted}`,
    tooEarly: (wanted, first) => `expected an instant from ${first} on, found ${wanted}`,
    order: "work order",
    entries: (count, from, to) => `${count} ${count === 1 ? "entry" : "entries"}, ${from} to ${to}`,
    holds: "Every line follows from the one before it, and every state from its event.",
    withheld: (count) =>
      `${count} personal ${count === 1 ? "value is" : "values are"} not disclosed here, or erased.`,
    diverges: (revision, field) =>
      `The history does not hold: revision ${revision} diverges in ${field}. What stands from here on proves nothing.`,
    expected: "expected",
    found: "found",
    types: {
      "order.started": "order opened",
      "order.migrated": "moved to another version of its process",
      "timer.fired": "time is up",
      "timer.cancelled": "a timer was given up",
      "job.completed": "job completed",
      "job.failed": "job failed",
    },
    by: "by",
    definition: "under",
    sent: "sent",
    state: "state",
    data: "data",
    item: "item",
    timer: "timer",
    set: "set",
    fired: "fired",
    cancelled: "given up",
    due: "due",
    after: "after",
    job: "job",
    opened: "opened",
    completed: "completed",
    failed: "failed",
    withdrawn: "withdrawn",
    effect: "effect",
    hash: "hash",
    nothing: "nothing changed but the line itself",
    asItWas: "as it was then",
    status: "status",
    outcome: "outcome",
    isNone: "none",
    keys: "→ ← step · home end · 12 enter: revision · d: order · ↑ ↓ · l: 中文 · q: quit",
    of: (at, all) => `entry ${at} of ${all}`,
  },
  zh: {
    about: "逐步回放工单历史：发生了什么、谁做的、改变了什么",
    what: "工单号，或证据包文件",
    at: "此修订号之后或此时刻的工单状态",
    json: "每条记录输出一行 JSON",
    plain: "输出全部记录（在终端中也不进入逐步模式）",
    url: "保存该工单的服务器地址（默认取自 HOST 与 PORT）",
    token: "读取所用的令牌（默认：数据目录中的 admin-token）",
    neither: (what) => `应为工单号或证据包文件，${what} 两者都不是`,
    noOrder: (id) => `没有可读取的工单 ${id}`,
    badAt: "应为修订号（如 12）或时刻（如 2026-11-22T08:00:00Z）",
    noSuchPoint: (wanted, last) => `修订号最大为 ${last}，收到 ${wanted}`,
    tooEarly: (wanted, first) => `时刻应不早于 ${first}，收到 ${wanted}`,
    order: "工单",
    entries: (count, from, to) => `共 ${count} 条记录，${from} 至 ${to}`,
    holds: "每一行都承接前一行，每个状态都由其事件推出。",
    withheld: (count) => `有 ${count} 项个人信息在此未披露，或已删除。`,
    diverges: (revision, field) =>
      `历史不成立：第 ${revision} 条记录的 ${field} 不一致。此后的内容不能证明任何事。`,
    expected: "应为",
    found: "实为",
    types: {
      "order.started": "工单创建",
      "order.migrated": "迁移到流程的另一版本",
      "timer.fired": "时间到",
      "timer.cancelled": "放弃定时器",
      "job.completed": "作业完成",
      "job.failed": "作业失败",
    },
    by: "操作人",
    definition: "依据",
    sent: "内容",
    state: "状态",
    data: "数据",
    item: "子项",
    timer: "定时",
    set: "设定",
    fired: "触发",
    cancelled: "取消",
    due: "到期",
    after: "时长",
    job: "作业",
    opened: "开始",
    completed: "完成",
    failed: "失败",
    withdrawn: "撤回",
    effect: "效果",
    hash: "哈希",
    nothing: "除本行外没有任何变化",
    asItWas: "当时的工单",
    status: "状况",
    outcome: "结果",
    isNone: "无",
    keys: "→ ← 前后 · home end · 12 回车：修订号 · d：工单 · ↑ ↓ · l：English · q：退出",
    of: (at, all) => `第 ${at} 条，共 ${all} 条`,
  },
};
