/** What the environment decides about the edge, in the edge's own terms: what is absent is off. */

import type { EdgeOptions } from "../http/context.ts";
import type { Environment } from "./environment.ts";

/** A caller that was idle may send so many seconds' worth at once. */
const BURST_S = 2;

export function edgeOf(environment: Environment): EdgeOptions {
  const { rateLimit, corsOrigins, trustedProxies, hstsSeconds, metricsToken } = environment;
  return {
    ...{ corsOrigins, trustedProxies },
    ...(rateLimit === 0 ? {} : { rate: { perSecond: rateLimit, burst: rateLimit * BURST_S } }),
    ...(hstsSeconds === undefined ? {} : { hstsSeconds }),
    ...(metricsToken === undefined ? {} : { metricsToken }),
  };
}
