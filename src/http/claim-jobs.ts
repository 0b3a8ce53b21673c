/** Answers a claim: at once when there is a job, else as soon as there is one, or with none when the time is over. */

import type { Context } from "hono";
import type { ClaimJobs } from "../runtime/contracts/jobs.ts";
import type { Operations } from "../runtime/engine.ts";
import type { AppPorts, HttpEnv } from "./context.ts";
import { idempotent, once } from "./idempotency.ts";
import { ProblemError } from "./problem.ts";

export interface ClaimRequest extends ClaimJobs {
  readonly waitSeconds: number;
}

/**
 * Each attempt is a transaction of its own, with its record where the request has a key. A claim that finds nothing has
 * no effect, so nothing is recorded for it: under the same key it may find something later.
 */
export async function claimJobs(
  { engine, stopping }: AppPorts,
  c: Context<HttpEnv>,
  { waitSeconds, ...request }: ClaimRequest,
): Promise<Response> {
  const { caller } = c.var;
  const hasKey = "idempotency" in (await idempotent(c));
  const attempt = async ({ jobs }: Pick<Operations, "jobs">): Promise<Response | null> => {
    const { items } = await jobs.claim(caller, request);
    return items.length === 0 ? null : c.json({ items });
  };
  const { types, process } = request;
  const wait = {
    types,
    ...(process === undefined ? {} : { process }),
    waitMs: waitSeconds * 1_000,
    signals: [c.req.raw.signal, stopping],
  };
  // Who stands in line does nothing meanwhile, and the line has a bound of its own.
  if (waitSeconds > 0) c.get("place")?.leave(false);
  const answer = await engine.jobs.waiting(caller, wait, () =>
    hasKey
      ? unlessEmpty(() =>
          once(engine, c, async (on) => (await attempt(on)) ?? empty(), { personal: true }),
        )
      : attempt(engine),
  );
  if (answer === "full") {
    throw new ProblemError("overloaded", "Too many claims wait on this server already.");
  }
  return answer ?? c.json({ items: [] });
}

/** Thrown out of a transaction, so that nothing of it remains. */
class NothingFound extends Error {
  override readonly name = "NothingFound";
}

function empty(): never {
  throw new NothingFound();
}

async function unlessEmpty(work: () => Promise<Response>): Promise<Response | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof NothingFound) return null;
    throw error;
  }
}
