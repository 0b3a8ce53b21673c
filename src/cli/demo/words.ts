/** The texts of the demo, in the reader's language. */

import type { CliLanguage } from "../words.ts";

export interface DemoWords {
  readonly url: string;
  readonly token: string;
  readonly speed: string;
  readonly maxPause: string;
  readonly process: string;
  readonly story: string;
  readonly order: string;
  readonly resume: string;
  readonly badSpeed: string;
  readonly badPause: string;
  readonly badOrder: string;
  readonly phone: string;
  readonly timer: string;
  readonly job: string;
  readonly started: string;
  readonly away: (url: string) => string;
  readonly back: string;
  readonly isOrder: (id: string) => string;
  readonly goesOn: (id: string) => string;
  readonly refused: (event: string, code: string) => string;
  readonly ended: (outcome: string, entries: number) => string;
  readonly notVerified: (revision: number) => string;
  readonly nothingOpen: string;
}

export const DEMO_WORDS: { readonly [language in CliLanguage]: DemoWords } = {
  en: {
    url: "address of the running server",
    token: "admin's token (default: the data folder's admin-token)",
    speed: "virtual seconds per real second, or max; 60: a minute takes a second",
    maxPause: "longest real pause between two happenings, in seconds",
    process: "process to play; its newest version in the definitions folder",
    story: "scenario to play, by id",
    order: "go on with this order, or start it under this id",
    resume: "go on with the newest order that a demo of this story left open",
    badSpeed: "expected a number over 0, or max",
    badPause: "expected a number of seconds, 0 or more",
    badOrder: "expected a UUID",
    phone: "📱",
    timer: "⏱ time is up",
    job: "⚙ done by itself",
    started: "Visit opened",
    away: (url) => `no answer from ${url}; the story waits for it`,
    back: "the server is back; the story goes on where it was",
    isOrder: (id) => `work order ${id}`,
    goesOn: (id) => `going on with work order ${id}`,
    refused: (event, code) => `${event} is refused, as it must be: ${code}`,
    ended: (outcome, entries) =>
      `The end: ${outcome}. ${entries} history entries, replayed and verified.`,
    notVerified: (revision) => `the history does not verify from revision ${revision} on`,
    nothingOpen: "no demo of this story is open",
  },
  zh: {
    url: "运行中的服务器地址",
    token: "管理员令牌（默认：数据目录中的 admin-token）",
    speed: "每真实秒对应的虚拟秒数，或 max；60 表示一分钟用一秒",
    maxPause: "两件事之间最长的真实停顿（秒）",
    process: "要演示的流程；取定义目录中的最新版本",
    story: "要演示的场景编号",
    order: "继续此工单，或以此编号开始",
    resume: "继续上次演示未完成的最新工单",
    badSpeed: "应为大于 0 的数字或 max",
    badPause: "应为不小于 0 的秒数",
    badOrder: "应为 UUID",
    phone: "📱",
    timer: "⏱ 时间到",
    job: "⚙ 系统自动完成",
    started: "工单创建",
    away: (url) => `${url} 没有响应，故事在此等待`,
    back: "服务器已恢复，故事从原处继续",
    isOrder: (id) => `工单 ${id}`,
    goesOn: (id) => `继续工单 ${id}`,
    refused: (event, code) => `${event} 被拒绝（理应如此）：${code}`,
    ended: (outcome, entries) => `结束：${outcome}。共 ${entries} 条历史记录，已重放并验证。`,
    notVerified: (revision) => `历史从第 ${revision} 版起无法验证`,
    nothingOpen: "没有未完成的演示",
  },
};
