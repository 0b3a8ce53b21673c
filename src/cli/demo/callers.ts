/** One client of the server for each person of the story; and the words for a server that is away. */

import { createClient, type Api } from "../../client/client.ts";
import { NoAnswerError, ProblemError } from "../../client/problem-error.ts";

export interface Callers {
  /** As the holder of the token. */
  readonly as: (token: string) => Api;
  readonly isReady: () => Promise<boolean>;
}

const READY_TIMEOUT_MS = 5_000;

export type Send = (request: Request) => Promise<Response>;

/** @param send the platform's `fetch`, or an application that answers in this process */
export function createCallers(url: string, send: Send = fetch): Callers {
  const known = new Map<string, Api>();
  // The story tells of a server that is away, and waits by itself.
  const once = { url, attempts: 1, fetch: send };
  return {
    as: (token) => {
      const api = known.get(token) ?? createClient({ ...once, token }).api;
      known.set(token, api);
      return api;
    },
    isReady: async () => {
      try {
        const signal = AbortSignal.timeout(READY_TIMEOUT_MS);
        return (await send(new Request(new URL("/readyz", url), { signal }))).ok;
      } catch {
        return false;
      }
    },
  };
}

/** No answer, or one that says to come back: the same request may be sent again later. */
export function isAway(error: unknown): boolean {
  return (
    error instanceof NoAnswerError ||
    (error instanceof ProblemError && error.problem.status === 503)
  );
}

/** The server's answer is a refusal with this code, or with any when none is given. */
export function isRefusal(error: unknown, code?: string): error is ProblemError {
  if (!(error instanceof ProblemError) || isAway(error)) return false;
  return code === undefined || error.problem.code === code;
}
