/** Lets each caller ask so often and no more; who asks more is told when to come back. */

import { say } from "./answer.ts";
import { ProblemError } from "./problem.ts";
import { tokenBuckets, type Rate, type Taking } from "./token-bucket.ts";
import type { Wall } from "./walls.ts";

/**
 * Counted on this server alone, so that no caller's count costs a round trip. Says what is left in the fields of
 * draft-ietf-httpapi-ratelimit-headers-10.
 */
export function limitRate(rate: Rate): Wall {
  const callers = tokenBuckets(rate, () => performance.now());
  const { burst, perSecond } = rate;
  const policy = `"caller";q=${burst};w=${Math.ceil(burst / perSecond)}`;
  return (c) => {
    const taken = callers(c.get("caller").sub);
    say(c, "RateLimit-Policy", policy);
    say(c, "RateLimit", `"caller";r=${taken.left};t=${seconds(taken)}`);
    if (!taken.granted) {
      throw rateLimited(`A caller may ask ${perSecond} times a second here.`, taken);
    }
  };
}

export function rateLimited(detail: string, taken: Taking): ProblemError {
  return new ProblemError("rate-limited", detail, {}, { "Retry-After": String(seconds(taken)) });
}

/** In whole seconds, as the header wants it, and never too early. */
function seconds({ waitMs }: Taking): number {
  return Math.ceil(waitMs / 1000);
}
