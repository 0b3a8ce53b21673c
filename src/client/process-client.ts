/** Orders and jobs of one process: events, payloads, data, inputs and outputs have the types that its definition gives them. */

import type { Api } from "./client.ts";
import type { ClaimedJob } from "./generated/schemas/jobs.ts";
import type { WorkOrder } from "./generated/schemas/shared.ts";
import { granted, type Answered } from "./granted.ts";
import type {
  EventOf,
  JobOf,
  JobTypeOf,
  OrderOf,
  PayloadArguments,
  ProcessTypes,
} from "./process-types.ts";
import { work, type WorkOptions } from "./worker.ts";

export interface CreateOptions {
  readonly id?: string;
  readonly version?: string;
  readonly businessKey?: string;
  readonly centre?: string;
  readonly testClock?: string;
  /** Absent: one is drawn, so that a retry creates nothing twice. */
  readonly idempotencyKey?: string;
}

export interface SendOptions {
  /** The revision that the decision was taken on; at another one the event is refused with `revision-mismatch`. */
  readonly ifMatch?: number;
  readonly idempotencyKey?: string;
}

/** Each throws `ProblemError` when the server refuses, and `NoAnswerError` when it does not answer. */
export interface ProcessClient<Process extends ProcessTypes> {
  readonly create: (data: Process["input"], options?: CreateOptions) => Promise<OrderOf<Process>>;
  readonly get: (id: string) => Promise<OrderOf<Process>>;
  readonly send: <Event extends EventOf<Process>>(
    id: string,
    event: Event,
    ...rest: PayloadArguments<Process["events"][Event], SendOptions>
  ) => Promise<OrderOf<Process>>;
  /**
   * As `send`, for callers that drive orders and don't show them: the server leaves the order out, which costs it less
   * (`Prefer: return=minimal`, RFC 7240 section 4.2).
   * @returns the order's revision after the event
   */
  readonly move: <Event extends EventOf<Process>>(
    id: string,
    event: Event,
    ...rest: PayloadArguments<Process["events"][Event], SendOptions>
  ) => Promise<number>;
  /** What `send` would answer now; nothing is written. */
  readonly preview: <Event extends EventOf<Process>>(
    id: string,
    event: Event,
    ...rest: PayloadArguments<Process["events"][Event], SendOptions>
  ) => Promise<OrderOf<Process>>;
  /** A worker for this process's jobs of one type, whatever other processes call theirs; see `work`. */
  readonly work: <Type extends JobTypeOf<Process>>(
    type: Type,
    handle: (
      job: JobOf<Process, Type>,
      lease: AbortSignal,
    ) => Promise<Process["jobs"][Type]["output"]>,
    options: WorkOptions,
  ) => Promise<void>;
}

export function processClient<Process extends ProcessTypes>(
  api: Api,
  name: Process["process"],
): ProcessClient<Process> {
  const answered = (answer: Answered<WorkOrder>): OrderOf<Process> => {
    const order = granted(answer);
    if (isOf<Process>(order, name)) return order;
    throw new TypeError(`Expected an order of ${name}, found ${order.id} of ${order.process}.`);
  };
  const request = (id: string, type: string, rest: Rest) => {
    const [payload = {}, options = {}] = rest;
    const body = { type, payload: fields(payload) };
    return { params: { path: { id } }, headers: headersOf(options), body };
  };
  return {
    create: async (data, { idempotencyKey, ...identity } = {}) => {
      const body = { ...identity, process: name, data: fields(data) };
      const headers = headersOf({ ...(idempotencyKey === undefined ? {} : { idempotencyKey }) });
      return answered(await api.POST("/v1/work-orders", { body, headers }));
    },
    get: async (id) =>
      answered(await api.GET("/v1/work-orders/{id}", { params: { path: { id } } })),
    send: async (id, event, ...rest) =>
      answered(await api.POST("/v1/work-orders/{id}/events", request(id, event, rest))),
    move: async (id, event, ...rest) => {
      const { headers, ...asked } = request(id, event, rest);
      const minimal = { ...headers, Prefer: "return=minimal" };
      const answer = await api.POST("/v1/work-orders/{id}/events", { ...asked, headers: minimal });
      return revisionIn(answer);
    },
    preview: async (id, event, ...rest) =>
      answered(await api.POST("/v1/work-orders/{id}/events:preview", request(id, event, rest))),
    work: (type, handle, options) =>
      work(
        api,
        { types: [type], process: name },
        async (job, lease) => {
          if (isJobOf<Process, typeof type>(job, name, type)) return handle(job, lease);
          throw new TypeError(`Expected a job ${type} of ${name}, found ${job.id}.`);
        },
        options,
      ),
  };
}

/** @throws {ProblemError} @throws {TypeError} as `granted` does */
function revisionIn(answer: Answered<WorkOrder> & { readonly response: Response }): number {
  if (!answer.response.ok) granted(answer);
  const tag = /^"(\d+)"$/.exec(answer.response.headers.get("etag") ?? "");
  if (tag === null) {
    throw new TypeError("Expected the revision of an order as ETag, found another answer.");
  }
  return Number(tag[1]);
}

type Rest = readonly [payload?: object | undefined, options?: SendOptions | undefined];

/** That the data are as the process's types say is the server's promise: it judged them by the same definition. */
function isOf<Process extends ProcessTypes>(
  order: WorkOrder | OrderOf<Process>,
  process: string,
): order is OrderOf<Process> {
  return order.process === process;
}

function isJobOf<Process extends ProcessTypes, Type extends JobTypeOf<Process>>(
  job: ClaimedJob | JobOf<Process, Type>,
  process: string,
  type: string,
): job is JobOf<Process, Type> {
  return job.order.process === process && job.type === type;
}

function fields(value: object): { readonly [key: string]: unknown } {
  return Object.fromEntries(Object.entries(value));
}

function headersOf({ ifMatch, idempotencyKey }: SendOptions): Record<string, string> {
  return {
    ...(ifMatch === undefined ? {} : { "If-Match": `"${ifMatch}"` }),
    ...(idempotencyKey === undefined ? {} : { "Idempotency-Key": idempotencyKey }),
  };
}
