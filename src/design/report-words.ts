/** The words of the scenario report, in each language that it speaks. */

import type { Aspect } from "./mismatch.ts";

export type ReportLanguage = "en" | "zh";

export interface ReportWords {
  readonly steps: (count: number) => string;
  readonly step: (number: number, doing: string) => string;
  readonly expected: string;
  readonly found: string;
  readonly couldSend: (events: string) => string;
  readonly couldSendNothing: string;
  readonly total: (passed: number, failed: number) => string;
  readonly none: string;
  readonly coverage: string;
  readonly tallies: {
    readonly states: string;
    readonly transitions: string;
    readonly timers: string;
    readonly guardsTrue: string;
    readonly guardsFalse: string;
  };
  readonly missing: {
    readonly states: string;
    readonly transitions: string;
    readonly timers: string;
    readonly guardsTrue: string;
    readonly guardsFalse: string;
  };
  readonly aspects: Readonly<Record<Aspect, string>>;
  /** Units of a duration: days, hours, minutes, seconds, milliseconds. */
  readonly units: readonly [string, string, string, string, string];
}

export const REPORT_WORDS = {
  en: {
    steps: (count) => (count === 1 ? "1 step" : `${count} steps`),
    step: (number, doing) => (number === 0 ? `given: ${doing}` : `step ${number}: ${doing}`),
    expected: "expected",
    found: "found",
    couldSend: (events) => `possible here: ${events}`,
    couldSendNothing: "possible here: nothing",
    total: (passed, failed) => `${passed} passed, ${failed} failed`,
    none: "no scenario to run",
    coverage: "Reached by the scenarios",
    tallies: {
      states: "states entered",
      transitions: "transitions taken",
      timers: "timers fired",
      guardsTrue: "guards seen true",
      guardsFalse: "guards seen false",
    },
    missing: {
      states: "States that no scenario enters",
      transitions: "Transitions that no scenario takes",
      timers: "Timers that fire in no scenario",
      guardsTrue: "Guards that hold in no scenario",
      guardsFalse: "Guards that refuse in no scenario",
    },
    aspects: {
      state: "state",
      status: "status",
      outcome: "outcome",
      refused: "refusal",
      accepted: "answer",
      effects: "effects",
      data: "data",
      items: "items",
      timers: "timers",
      jobs: "jobs",
      enabled: "enabled",
      blocked: "blocked",
      message: "message",
      clock: "clock",
      engine: "engine defect",
    },
    units: ["d", "h", "min", "s", "ms"],
  },
  zh: {
    steps: (count) => `${count} 步`,
    step: (number, doing) => (number === 0 ? `前提：${doing}` : `第 ${number} 步：${doing}`),
    expected: "应为",
    found: "实为",
    couldSend: (events) => `此处可发：${events}`,
    couldSendNothing: "此处无事件可发",
    total: (passed, failed) => `通过 ${passed} 个，失败 ${failed} 个`,
    none: "没有可运行的场景",
    coverage: "场景覆盖",
    tallies: {
      states: "进入的状态",
      transitions: "走过的转移",
      timers: "触发的定时器",
      guardsTrue: "成立过的条件",
      guardsFalse: "拒绝过的条件",
    },
    missing: {
      states: "没有场景进入的状态",
      transitions: "没有场景走过的转移",
      timers: "没有场景触发的定时器",
      guardsTrue: "没有场景使之成立的条件",
      guardsFalse: "没有场景使之拒绝的条件",
    },
    aspects: {
      state: "状态",
      status: "状况",
      outcome: "结果",
      refused: "拒绝",
      accepted: "答复",
      effects: "效果",
      data: "数据",
      items: "项目",
      timers: "定时器",
      jobs: "作业",
      enabled: "可发事件",
      blocked: "受阻事件",
      message: "消息",
      clock: "时钟",
      engine: "引擎缺陷",
    },
    units: ["天", "小时", "分", "秒", "毫秒"],
  },
} as const satisfies Readonly<Record<ReportLanguage, ReportWords>>;
