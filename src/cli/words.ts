/** The texts of the command frame, in the reader's language. */

import type { Terminal } from "./terminal.ts";

export const CLI_LANGUAGES = ["en", "zh"] as const;
export type CliLanguage = (typeof CLI_LANGUAGES)[number];

export function cliLanguage({ language }: Pick<Terminal, "language">): CliLanguage {
  return language === "zh" ? "zh" : "en";
}

export interface FrameWords {
  readonly about: string;
  readonly language: string;
  readonly version: string;
  readonly help: string;
  readonly examples: string;
  readonly commands: {
    readonly [command in "serve" | "token" | "check" | "test" | "types" | "demo"]: string;
  };
  readonly token: {
    readonly sub: string;
    readonly role: string;
    readonly centre: string;
    readonly ttl: string;
    readonly json: string;
    readonly noKey: (folder: string) => string;
    readonly badSub: string;
    readonly badRole: string;
    readonly badCentre: string;
    readonly badTtl: string;
  };
}

export const FRAME_WORDS: { readonly [language in CliLanguage]: FrameWords } = {
  en: {
    about: "Seven-step: service visits as versioned process definitions and provable histories",
    language: "language of texts: en or zh (default: from LANG)",
    version: "print the version",
    help: "show help",
    examples: "Examples:",
    commands: {
      serve: "start the server (what is done without a command)",
      token: "make a token with the server's key",
      check: "judge definitions, and the scenario files beside them",
      test: "run the scenarios of definitions on a virtual clock",
      types: "write a definition's events, data and jobs as TypeScript types",
      demo: "play a whole service visit against a running server",
    },
    token: {
      sub: "who: a stable pseudonymous id, never a name",
      role: "role to act in; may be given several times",
      centre: "centre that the holder reaches; may be given several times (default: all)",
      ttl: "how long it is good for, as an ISO 8601 duration",
      json: "print the token and its end as JSON",
      noKey: (folder) =>
        `no server has run in ${folder}: start one there first, or set SEVENSTEP_DATA`,
      badSub: "expected 1 to 128 printable ASCII characters without spaces",
      badRole: "expected a name such as technician",
      badCentre: "expected a name such as sh-01",
      badTtl: "expected an ISO 8601 duration such as PT8H or P30D, from a second to ten years",
    },
  },
  zh: {
    about: "七步法：以版本化流程定义驱动、历史可自证的售后服务",
    language: "文本语言：en 或 zh（默认取自 LANG）",
    version: "显示版本",
    help: "显示帮助",
    examples: "示例：",
    commands: {
      serve: "启动服务器（不带命令时的默认操作）",
      token: "用服务器密钥签发令牌",
      check: "检查流程定义及其旁边的场景文件",
      test: "在虚拟时钟上运行流程定义的场景",
      types: "将流程定义的事件、数据与任务写成 TypeScript 类型",
      demo: "对运行中的服务器演示一次完整的到店服务",
    },
    token: {
      sub: "持有人：稳定的假名标识，不要用真实姓名",
      role: "角色；可多次给出",
      centre: "可访问的服务中心；可多次给出（默认：全部）",
      ttl: "有效期，ISO 8601 时长",
      json: "以 JSON 输出令牌及其到期时间",
      noKey: (folder) => `${folder} 中尚未运行过服务器：请先在此启动，或设置 SEVENSTEP_DATA`,
      badSub: "应为 1 至 128 个不含空格的可打印 ASCII 字符",
      badRole: "应为角色名，例如 technician",
      badCentre: "应为服务中心名，例如 sh-01",
      badTtl: "应为 ISO 8601 时长，例如 PT8H 或 P30D，一秒至十年",
    },
  },
};
