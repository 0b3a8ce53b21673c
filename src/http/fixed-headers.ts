/** The headers of every answer: that it is data and never a page, holds what is nobody else's business, and differs by language. */

import type { EdgeOptions } from "./context.ts";
import type { Said } from "./answer.ts";

/** Of OWASP's list for APIs; HSTS only where the operator says so: it binds the whole host name, for longer than this server may live. */
export function fixedHeaders({ hstsSeconds }: EdgeOptions): Readonly<Said> {
  return {
    ...GUARDING,
    ...(hstsSeconds === undefined
      ? {}
      : { "Strict-Transport-Security": `max-age=${hstsSeconds}; includeSubDomains` }),
    "Cache-Control": "no-store",
    Vary: "Accept-Language",
  };
}

const GUARDING: Readonly<Said> = {
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Origin-Agent-Cluster": "?1",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "X-DNS-Prefetch-Control": "off",
  "X-Download-Options": "noopen",
  "X-Frame-Options": "DENY",
  "X-Permitted-Cross-Domain-Policies": "none",
  "X-XSS-Protection": "0",
};
