/** The texts of `sevenstep erase`, in the reader's language. */

import type { CliLanguage } from "../words.ts";

export interface EraseWords {
  readonly about: string;
  readonly subject: string;
  readonly order: string;
  readonly centre: string;
  readonly ground: string;
  readonly reason: string;
  readonly approve: string;
  readonly decline: string;
  readonly list: string;
  readonly url: string;
  readonly token: string;
  readonly oneOf: string;
  readonly needsReason: string;
  readonly noToken: (folder: string) => string;
  readonly states: Readonly<Record<string, string>>;
  readonly line: (erasure: Told, state: string) => string;
  readonly next: (id: string) => string;
  readonly stuck: (id: string) => string;
  readonly slow: (id: string) => string;
  readonly none: string;
}

/** What is told of a case. */
export interface Told {
  readonly id: string;
  readonly orders: number;
  readonly requestedBy: string;
  readonly decidedBy: string | null;
  readonly keys: number;
  readonly values: number;
}

export const ERASE_WORDS: { readonly [language in CliLanguage]: EraseWords } = {
  en: {
    about: "have a person's data erased by a running server, or approve that somebody asked for it",
    subject: "the reference that the person's orders were created with",
    order: "an order of the person: all orders of that person are meant",
    centre: "with --subject: whose person it is (default: the token's only centre, else none)",
    ground: "why the law allows it",
    reason: "for the record's readers; kept sealed",
    approve: "approve what somebody else asked for",
    decline: "decline it; takes --reason",
    list: "list erasures, newest change first",
    url: "the server (default: HOST and PORT of the environment)",
    token: "who asks (default: the admin of the data folder)",
    oneOf: "expected one of --subject, --order, --approve, --decline and --list",
    needsReason: "expected --reason",
    noToken: (folder) => `no server has run in ${folder}: give --token, or set SEVENSTEP_DATA`,
    states: {
      requested: "waits for approval",
      erasing: "is being erased",
      settling: "is unreadable; what other servers remember ends within seconds",
      erased: "erased",
      held: "held by a restriction",
      declined: "declined",
      lapsed: "lapsed: nobody decided within 30 days",
    },
    line: ({ id, orders, requestedBy, decidedBy, keys, values }, state) =>
      `${id}  ${state}: ${counted(orders, "order")}, asked by ${requestedBy}${
        decidedBy === null ? "" : `, decided by ${decidedBy}`
      }; ${counted(keys, "key")} destroyed, ${counted(values, "sealed value")} gone`,
    next: (id) =>
      `Somebody else approves it: sevenstep erase --approve ${id} --token <their token>`,
    stuck: (id) => `the server could not do it; see GET /v1/incidents?order=${id}`,
    slow: (id) => `the server is still at it; look again: GET /v1/audit/cases/${id}`,
    none: "none",
  },
  zh: {
    about: "请求运行中的服务器删除某人的个人信息，或批准他人的删除申请",
    subject: "创建工单时使用的当事人编号",
    order: "当事人的一张工单；指其全部工单",
    centre: "与 --subject 同用：所属服务中心（默认：令牌唯一的中心，否则为无）",
    ground: "法律依据",
    reason: "理由，供查阅记录者阅读；密封保存",
    approve: "批准他人的申请",
    decline: "驳回；须给出 --reason",
    list: "列出删除事项，最近变化在前",
    url: "服务器地址（默认：环境变量 HOST 与 PORT）",
    token: "申请人的令牌（默认：数据目录的管理员）",
    oneOf: "--subject、--order、--approve、--decline、--list 须且只能给出一个",
    needsReason: "须给出 --reason",
    noToken: (folder) => `${folder} 中没有运行过服务器：请给出 --token 或设置 SEVENSTEP_DATA`,
    states: {
      requested: "待批准",
      erasing: "正在删除",
      settling: "已不可读，其他服务器的缓存将在数秒内失效",
      erased: "已删除",
      held: "因限制处理而保留",
      declined: "已驳回",
      lapsed: "三十日内无人决定，已失效",
    },
    line: ({ id, orders, requestedBy, decidedBy, keys, values }, state) =>
      `${id}  ${state}：工单 ${orders} 张，申请人 ${requestedBy}${
        decidedBy === null ? "" : `，决定人 ${decidedBy}`
      }；已销毁密钥 ${keys} 个，已清除密封值 ${values} 个`,
    next: (id) => `须由他人批准：sevenstep erase --approve ${id} --token <他人的令牌>`,
    stuck: (id) => `服务器未能完成，见 GET /v1/incidents?order=${id}`,
    slow: (id) => `服务器仍在处理，请稍后查看 GET /v1/audit/cases/${id}`,
    none: "无",
  },
};

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
