/** The one place that gives refusals their HTTP status, title and retry advice: RFC 9457 problem details. */

import type { Json } from "../../machines/json.ts";
import type { Language } from "../runtime/languages.ts";
import type { RefusalCode } from "../runtime/refusal.ts";

/** What only the HTTP edge refuses, before the engine is asked. */
export type EdgeCode =
  | "authentication-required"
  | "rate-limited"
  | "identity-provider-unavailable"
  | "body-malformed"
  | "body-too-deep"
  | "body-key-duplicate"
  | "body-key-forbidden"
  | "body-text-unsafe"
  | "body-number-range"
  | "body-too-large"
  | "media-type-unsupported"
  | "not-acceptable"
  | "header-invalid"
  | "request-invalid"
  | "request-malformed"
  | "request-too-slow"
  | "headers-too-large"
  | "route-unknown"
  | "method-not-allowed"
  | "overloaded"
  | "starting"
  | "shutting-down"
  | "database-unavailable"
  | "order-detached"
  | "internal-error";

export type ProblemCode = RefusalCode | EdgeCode;

export interface ProblemKind {
  readonly status: ProblemStatus;
  readonly title: { readonly [language in Language]: string };
  /** Whether the very same request may succeed later without anybody changing it. */
  readonly retryable: boolean;
}

export type ProblemStatus =
  | 400
  | 401
  | 403
  | 404
  | 405
  | 406
  | 408
  | 409
  | 410
  | 412
  | 413
  | 415
  | 422
  | 429
  | 431
  | 500
  | 503;

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: ProblemStatus;
  readonly detail: string;
  readonly code: ProblemCode;
  readonly retryable: boolean;
  readonly [extension: string]: Json;
}

const kind = (status: ProblemStatus, en: string, zh: string, retryable = false): ProblemKind => ({
  status,
  title: { en, zh },
  retryable,
});

/** Closed: a new refusal does not compile before it has its row here. */
export const PROBLEMS: { readonly [code in ProblemCode]: ProblemKind } = {
  "authentication-required": kind(401, "Who is asking is not known", "身份未验证"),
  "role-not-allowed": kind(403, "No role of the caller may do this", "当前角色无权执行此操作"),
  "separation-violated": kind(403, "The same person may not do both", "违反职责分离，须由他人执行"),
  "centre-not-allowed": kind(
    403,
    "The caller's token does not reach this centre",
    "无权访问该服务中心",
  ),

  "not-found": kind(404, "No such thing", "未找到"),
  "message-unmatched": kind(404, "No order waits for the message", "没有工单在等待该消息"),
  "definition-unknown": kind(404, "No such process or version", "流程或版本不存在"),
  "order-detached": kind(
    410,
    "The order's month was taken out of the archive",
    "工单所在月份的归档已移出数据库",
  ),
  "test-clock-unknown": kind(404, "No such test clock", "测试时钟不存在"),
  "route-unknown": kind(404, "No such address", "地址不存在"),
  "method-not-allowed": kind(405, "This address does not take this method", "该地址不支持此方法"),
  "not-acceptable": kind(406, "No representation that the caller accepts", "无可接受的表示格式"),

  "event-not-enabled": kind(409, "The order does not take this event now", "工单当前不接受该事件"),
  "order-closed": kind(409, "The order has ended", "工单已结束"),
  "history-diverged": kind(500, "The stored history was altered", "所存历史已被改动"),
  "id-unavailable": kind(409, "The id can't be given to this order", "该编号不可用于此工单"),
  "message-ambiguous": kind(409, "Several orders wait for the message", "有多张工单在等待该消息"),
  "messages-full": kind(409, "Too many messages wait already", "等待中的消息过多", true),
  "message-ended": kind(409, "The message waits no longer", "消息已不再等待"),
  "item-exists": kind(409, "The item is already there", "该子项已存在"),
  "data-invalid": kind(422, "The data do not fit the order's schema", "工单数据将不符合其模式"),
  "invariant-violated": kind(409, "An invariant of the process would break", "将违反流程不变式"),
  "expression-failed": kind(
    409,
    "An expression of the definition failed",
    "流程定义中的表达式求值失败",
  ),
  "step-unbounded": kind(409, "The step would not come to rest", "流程步进无法收敛"),
  "definition-mismatch": kind(
    409,
    "The order lives under another definition",
    "工单所属定义不一致",
  ),
  "migration-undecided": kind(
    409,
    "No rule says where a part of the order goes",
    "缺少规则：工单的某一部分在新版本中没有去处",
  ),
  "migration-impossible": kind(
    409,
    "The order can't be where the rules lead",
    "工单无法按规则迁移到新版本",
  ),
  "migration-rules-invalid": kind(422, "The rules can't be followed", "迁移规则无法执行"),
  "timer-unknown": kind(409, "No such timer is pending", "没有该定时器"),
  "timer-not-due": kind(409, "The timer is not due yet", "定时器尚未到期"),
  "job-unknown": kind(409, "The job is not open any more", "该任务已不再开放"),
  "lease-lost": kind(409, "The claim does not hold the job any more", "任务租约已失效"),
  "answer-erased": kind(
    410,
    "The answer told of a person who was erased",
    "该答复含已删除的个人信息",
  ),
  "process-reserved": kind(409, "The process is the engine's own", "该流程为引擎保留"),
  "person-restricted": kind(409, "The person's data are restricted", "该个人信息处于限制处理状态"),
  "incident-closed": kind(409, "The incident is closed already", "该故障事件已关闭"),
  "version-published": kind(
    409,
    "This version is published with other content",
    "该版本已发布，内容不同",
  ),
  "test-clock-backwards": kind(409, "A test clock only goes forward", "测试时钟只能前进"),
  "test-clock-stuck": kind(
    409,
    "The orders of the clock do not come to rest",
    "时钟下的工单无法静止",
  ),
  "idempotency-key-reused": kind(
    422,
    "The idempotency key was used for another request",
    "幂等键已用于其他请求",
  ),
  "idempotency-in-progress": kind(
    409,
    "The first request with this idempotency key has not ended",
    "使用该幂等键的首个请求尚未完成",
    true,
  ),
  "task-claimed": kind(409, "Somebody else has taken the task", "任务已被他人认领"),
  "revision-mismatch": kind(412, "The order has moved on", "工单已更新，版本不符"),

  "body-malformed": kind(400, "The body can't be read", "请求体无法解析"),
  "body-too-deep": kind(400, "The body nests too deep", "请求体嵌套过深"),
  "body-key-duplicate": kind(400, "A key stands twice in one object", "对象中有重复的键"),
  "body-key-forbidden": kind(400, "A key that is never accepted", "不允许的键"),
  "body-text-unsafe": kind(
    400,
    "A string that is not Unicode text",
    "字符串不是有效的 Unicode 文本",
  ),
  "body-number-range": kind(400, "A number beyond exact range", "数字超出可精确表示的范围"),
  "header-invalid": kind(400, "A header can't be read", "请求头无法解析"),
  "body-too-large": kind(413, "The body is too large", "请求体过大"),
  "media-type-unsupported": kind(415, "The body's media type is not supported", "不支持的媒体类型"),

  "request-invalid": kind(422, "The request does not fit its schema", "请求不符合模式"),
  "position-unknown": kind(422, "The entries have not come that far", "尚无该位置的记录"),
  "disclosure-unknown": kind(422, "No value is sealed there", "该处没有已封存的值"),
  "correlation-invalid": kind(
    422,
    "No order can be told by these fields",
    "无法凭这些字段确定工单",
  ),
  "event-unknown": kind(422, "The process has no such event", "流程没有该事件"),
  "payload-invalid": kind(422, "The payload does not fit its schema", "事件内容不符合模式"),
  "item-unknown": kind(422, "The payload names no item of the order", "事件未指向工单中的子项"),
  "definition-too-costly": kind(
    422,
    "Judging the definition costs too much",
    "流程定义过大，无法检查",
  ),
  "definition-invalid": kind(422, "The definition has errors", "流程定义有错误"),
  "webhook-url-refused": kind(422, "Nothing may be sent to this address", "不允许向该地址发送"),
  "webhook-limit": kind(409, "There are as many webhooks as there may be", "Webhook 数量已达上限"),
  "webhook-disabled": kind(409, "The webhook is disabled", "该 Webhook 已停用"),

  "request-malformed": kind(400, "The request is not HTTP as it should be", "请求不符合 HTTP 规范"),
  "request-too-slow": kind(408, "The request did not arrive in time", "请求未及时到达", true),
  "headers-too-large": kind(431, "The headers are too large", "请求头过大"),
  "rate-limited": kind(429, "Too many requests of one caller", "单个调用方请求过多", true),
  "identity-provider-unavailable": kind(
    503,
    "The identity provider can't be asked",
    "身份提供方暂不可用",
    true,
  ),

  "evidence-pending": kind(
    503,
    "The log has not signed the last entry yet",
    "日志尚未签署最后一条记录",
    true,
  ),
  "judges-busy": kind(
    503,
    "Too many definitions are being judged",
    "正在检查的定义过多，请稍后再试",
    true,
  ),
  overloaded: kind(503, "Too many requests at once", "请求过多，请稍后再试", true),
  starting: kind(503, "This server is starting", "服务器正在启动", true),
  "shutting-down": kind(503, "This server is stopping", "服务器正在停止", true),
  "database-unavailable": kind(503, "The database can't be reached", "数据库暂不可用", true),
  "internal-error": kind(500, "A defect of the server", "服务器内部错误"),
};

/** Thrown on the way to an answer, and answered as `application/problem+json` in one place. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly code: ProblemCode;
  /** Further members of the problem document. */
  readonly more: { readonly [member: string]: Json };
  readonly headers: { readonly [name: string]: string };

  constructor(
    code: ProblemCode,
    detail: string,
    more: { readonly [member: string]: Json } = {},
    headers: { readonly [name: string]: string } = {},
  ) {
    super(detail);
    this.code = code;
    this.more = more;
    this.headers = headers;
  }
}

/** @returns the problem document; `type` is a URL reference that this server answers with the code's meaning */
export function problem(
  code: ProblemCode,
  detail: string,
  language: Language,
  more: { readonly [member: string]: Json } = {},
): Problem {
  const { status, title, retryable } = PROBLEMS[code];
  return {
    type: `/problems/${code}`,
    title: title[language],
    status,
    detail,
    code,
    retryable,
    ...more,
  };
}
