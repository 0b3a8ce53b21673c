/** A worker: claims jobs, keeps their leases while they are done, and says how each ended. */

import type { Api } from "./client.ts";
import type { ClaimedJob } from "./generated/schemas/jobs.ts";
import { granted } from "./granted.ts";
import { NoAnswerError, ProblemError } from "./problem-error.ts";
import { sleep } from "./sleep.ts";

export interface WorkOptions {
  /** Ends it: no job is claimed any more, and what is under way is done to its end. */
  readonly signal: AbortSignal;
  /** Jobs at a time, at most 100; absent: 1. */
  readonly concurrency?: number;
  /** How long a job stays this worker's when it falls silent; absent: 30. */
  readonly leaseSeconds?: number;
  /** How long one claim waits for a job, at most 60; absent: 20. */
  readonly waitSeconds?: number;
  /** What the worker calls itself. */
  readonly name?: string;
  /** Is told what went wrong with a job, or with the way to the server; absent: nobody is. */
  readonly onError?: (error: unknown, job: ClaimedJob | null) => void;
}

/** Thrown by a handler: why the job failed. */
export class JobError extends Error {
  override readonly name = "JobError";
  /** What the definition's `onError` may decide by. */
  readonly code: string;
  /** False: trying again would give the same. */
  readonly retryable: boolean;

  /** @param message stays in the order's history, so it names no person */
  constructor(code: string, message: string, options: { readonly retryable?: boolean } = {}) {
    super(message);
    this.code = code;
    this.retryable = options.retryable ?? true;
  }
}

const DEFAULTS = { concurrency: 1, leaseSeconds: 30, waitSeconds: 20 };
const PAUSE_MS = 2_000;

/** Which jobs. */
export interface Wanted {
  readonly types: readonly string[];
  /** Of its orders only; absent: of every process. */
  readonly process?: string;
}

interface Working {
  readonly api: Api;
  readonly options: WorkOptions & typeof DEFAULTS;
  /** What it gives is the job's output. A `JobError` fails the job as it says; anything else that is thrown, for now. */
  readonly handle: (job: ClaimedJob, lease: AbortSignal) => Promise<object>;
}

/**
 * Resolves when the signal has aborted and the last job has ended. A job may be done again after its lease was lost:
 * whatever a handler does outside must be safe to repeat, best under `job.id`, which stays the same in every attempt.
 * @throws {ProblemError} when the server refuses to give jobs at all, such as for want of a role
 */
export async function work(
  api: Api,
  wanted: Wanted,
  handle: Working["handle"],
  options: WorkOptions,
): Promise<void> {
  const working: Working = { api, handle, options: { ...DEFAULTS, ...options } };
  const { signal, concurrency } = working.options;
  const running = new Set<Promise<void>>();
  try {
    while (!signal.aborted) {
      if (running.size >= concurrency) {
        await Promise.race(running);
        continue;
      }
      for (const job of await claimed(working, wanted, concurrency - running.size)) {
        const ended = perform(working, job).finally(() => running.delete(ended));
        running.add(ended);
      }
    }
  } finally {
    await Promise.all(running);
  }
}

async function claimed(
  { api, options }: Working,
  { types, process }: Wanted,
  free: number,
): Promise<readonly ClaimedJob[]> {
  const { signal, leaseSeconds, waitSeconds, name, onError } = options;
  const named = name === undefined ? {} : { worker: name };
  const of = process === undefined ? {} : { process };
  const body = { types: [...types], ...of, max: free, leaseSeconds, waitSeconds, ...named };
  try {
    // A claim that is given up may have taken jobs: they are offered again when their leases end.
    return granted(await api.POST("/v1/jobs/claim", { body, signal })).items;
  } catch (error) {
    if (signal.aborted) return [];
    if (!isPassing(error)) throw error;
    onError?.(error, null);
    await sleep(PAUSE_MS, signal);
    return [];
  }
}

async function perform(working: Working, job: ClaimedJob): Promise<void> {
  const { api, handle, options } = working;
  const lease = new AbortController();
  const kept = keep(working, job, lease);
  try {
    const { output, failure } = await outcome(() => handle(job, lease.signal));
    if (failure !== null) options.onError?.(failure, job);
    const { leaseToken } = job;
    const at = { params: { path: { id: job.id } } };
    granted(
      failure === null
        ? await api.POST("/v1/jobs/{id}/complete", {
            ...at,
            body: { output: { ...output }, leaseToken },
          })
        : await api.POST("/v1/jobs/{id}/fail", { ...at, body: { ...told(failure), leaseToken } }),
    );
  } catch (error) {
    // The job is another's now, or will be: its lease ends by itself.
    options.onError?.(error, job);
  } finally {
    lease.abort();
    await kept;
  }
}

interface Outcome {
  readonly output: object;
  readonly failure: Error | null;
}

async function outcome(handle: () => Promise<object>): Promise<Outcome> {
  try {
    return { output: await handle(), failure: null };
  } catch (error) {
    const failure = error instanceof Error ? error : new Error("thrown", { cause: error });
    return { output: {}, failure };
  }
}

function told(failure: Error) {
  if (failure instanceof JobError) {
    const { code, message, retryable } = failure;
    return { error: { code, message }, retryable };
  }
  // Its message may quote what the job was about.
  return { error: { code: "worker-failed", message: `The worker threw ${failure.name}.` } };
}

/** Extends the lease at every third of it, until it is told to stop; a lease that is lost aborts the work. */
async function keep(
  { api, options }: Working,
  job: ClaimedJob,
  lease: AbortController,
): Promise<void> {
  const { leaseSeconds } = options;
  for (;;) {
    await sleep((leaseSeconds * 1_000) / 3, lease.signal);
    if (lease.signal.aborted) return;
    try {
      const { leaseToken } = job;
      const params = { path: { id: job.id } };
      granted(
        await api.POST("/v1/jobs/{id}/extend", { params, body: { leaseSeconds, leaseToken } }),
      );
    } catch (error) {
      options.onError?.(error, job);
      if (error instanceof ProblemError && !error.problem.retryable) return lease.abort(error);
    }
  }
}

function isPassing(error: unknown): boolean {
  return (
    error instanceof NoAnswerError || (error instanceof ProblemError && error.problem.retryable)
  );
}
