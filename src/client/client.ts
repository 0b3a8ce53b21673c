/** A typed client of the whole API: every operation of its OpenAPI document, and processes by their own types. */

import createApi, { type Client as ApiClient } from "openapi-fetch";
import type { Paths } from "./generated/paths.ts";
import type { ClaimedJob } from "./generated/schemas/jobs.ts";
import { processClient, type ProcessClient } from "./process-client.ts";
import type { AnyProcess, ProcessTypes } from "./process-types.ts";
import { follow, type Followed, type FollowOptions } from "./follow.ts";
import { retryingFetch } from "./retrying-fetch.ts";
import { sleep } from "./sleep.ts";
import { work, type WorkOptions } from "./worker.ts";

export { granted } from "./granted.ts";
export { NoAnswerError, ProblemError } from "./problem-error.ts";
export type { AnyProcess, JobOf, OrderOf, ProcessTypes } from "./process-types.ts";
export { JobError, type WorkOptions } from "./worker.ts";
export type { Followed, FollowOptions } from "./follow.ts";

export interface ClientOptions {
  /** Of the server, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** A token or an API key; a function is asked before every request. */
  readonly token: string | (() => string | Promise<string>);
  /** Of texts in answers, as `Accept-Language` (RFC 9110 section 12.5.4). */
  readonly language?: string;
  /** Of one attempt at a request; absent: 30,000. */
  readonly timeoutMs?: number;
  /** At one request, the first included; absent: 5. */
  readonly attempts?: number;
  /** Absent: the platform's. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

/** Where an operation answers in several media types, the typed answer is the JSON one. */
export type Api = ApiClient<Paths, `${string}/json`>;

export interface Client {
  /** `await api.POST("/v1/messages", { body })` gives `{ data }` or `{ error }`, the problem document. */
  readonly api: Api;
  /** Orders of one process: `client.process<ServiceVisit>("service-visit")`. */
  readonly process: <Process extends ProcessTypes = AnyProcess>(
    name: Process["process"],
  ) => ProcessClient<Process>;
  /** Entries as they come, of one order or of all; see `follow`. */
  readonly follow: (options?: FollowOptions) => AsyncGenerator<Followed, void>;
  /** A worker for jobs of these types; see `work`. For the jobs of one process: `process(name).work`. */
  readonly work: (
    types: readonly string[],
    handle: (job: ClaimedJob, lease: AbortSignal) => Promise<object>,
    options: WorkOptions,
  ) => Promise<void>;
  /** A request by address, with the client's token and retries; for streams, and what the document does not describe. */
  readonly send: (path: string, init?: RequestInit) => Promise<Response>;
}

const TIMEOUT_MS = 30_000;
const ATTEMPTS = 5;

export function createClient(options: ClientOptions): Client {
  const { token, language, timeoutMs = TIMEOUT_MS, attempts = ATTEMPTS } = options;
  const url = options.url.replace(/\/+$/, "");
  const fetchOnce = options.fetch ?? ((request: Request) => fetch(request));
  const retrying = retryingFetch({ fetch: fetchOnce, attempts, timeoutMs, sleep });
  const authorized = async (request: Request): Promise<Response> => {
    const headers = new Headers(request.headers);
    const bearer = typeof token === "string" ? token : await token();
    headers.set("Authorization", `Bearer ${bearer}`);
    if (language !== undefined && !headers.has("accept-language")) {
      headers.set("Accept-Language", language);
    }
    return retrying(new Request(request, { headers }));
  };
  const api = createApi<Paths, `${string}/json`>({ baseUrl: url, fetch: authorized });
  const send: Client["send"] = (path, init) => authorized(new Request(`${url}${path}`, init));
  return {
    api,
    send,
    follow: (from = {}) => follow(send, from),
    work: (types, handle, working) => work(api, { types }, handle, working),
    process: <Process extends ProcessTypes>(name: Process["process"]) =>
      processClient<Process>(api, name),
  };
}
