/** Believes the tokens of one OpenID Connect issuer, by the keys that it publishes (OpenID Connect Discovery 1.0). */

import { createRemoteJWKSet, customFetch, jwtVerify } from "jose";
import type { JWTVerifyGetKey } from "jose";
import { z } from "zod";
import { isJsonObject } from "../../machines/json.ts";
import type { Caller } from "../runtime/engine.ts";
import { centresIn, rolesIn } from "./claims.ts";
import { askIssuer, IssuerUnreachable } from "./issuer-fetch.ts";
import type { AskIssuer, Fetch } from "./issuer-fetch.ts";
import { remembering, type Verified } from "./remembering.ts";
import { complaint, SUBJECT, type TokenReader } from "./token.ts";

export interface OidcOptions {
  /** As tokens name it in `iss`. */
  readonly issuer: string;
  /** What tokens must name in `aud`. */
  readonly audience: string;
  /** Where the roles stand: a claim's name, or the way into nested claims with dots between. */
  readonly rolesClaim: string;
  readonly centresClaim: string;
}

export interface OidcPorts {
  readonly fetch: Fetch;
  readonly nowMs: () => number;
  /** A key id that is not known asks for the keys again, at most this often. */
  readonly keysCoolDownMs?: number;
}

/** Only public-key signatures: with HS256 whoever knows the published key could sign (RFC 8725 section 3.1). */
const ALGORITHMS = ["RS256", "ES256", "EdDSA"];
const CLOCK_TOLERANCE_S = 10;
const KEYS_COOL_DOWN_MS = 10_000;
/** Keys are asked for anew after this time, so that one which the issuer withdrew is no longer believed. */
const KEYS_AGE_MS = 600_000;
/** A verified token is looked at again after this time, for the same reason. */
const REMEMBERED_MS = 60_000;

/** @returns a reader for tokens of this issuer; `unavailable` while its keys can't be had */
export function oidcReader(options: OidcOptions, ports: OidcPorts): TokenReader {
  const keys = keysOf(options.issuer, ports, askIssuer(ports.fetch, ports.nowMs));
  return remembering((token) => verify(token, options, keys, ports.nowMs()), ports.nowMs);
}

async function verify(
  token: string,
  options: OidcOptions,
  keys: JWTVerifyGetKey,
  nowMs: number,
): Promise<Verified> {
  const { issuer, audience } = options;
  try {
    const { payload } = await jwtVerify(token, keys, {
      ...{ issuer, audience, algorithms: ALGORITHMS, requiredClaims: ["sub", "exp"] },
      clockTolerance: CLOCK_TOLERANCE_S,
      currentDate: new Date(nowMs),
    });
    const caller = callerIn(payload, options);
    if (typeof caller === "string") return { kind: "refused", detail: caller };
    const endsAt = ((payload.exp ?? 0) + CLOCK_TOLERANCE_S) * 1000;
    return { kind: "known", caller, goodUntil: Math.min(endsAt, nowMs + REMEMBERED_MS) };
  } catch (error) {
    if (error instanceof IssuerUnreachable) {
      const detail = `The identity provider ${issuer} can't be asked whether the token is good; ask again.`;
      return { kind: "unavailable", detail };
    }
    return { kind: "refused", detail: complaint(error) };
  }
}

/** Names that this server gives by itself: the engine's own, and those of API keys. */
const RESERVED = /^(sevenstep$|api-key:)/;

/** @returns what is missing, for the token's holder */
function callerIn(payload: unknown, { rolesClaim, centresClaim }: OidcOptions): Caller | string {
  if (!isJsonObject(payload)) return "The token holds no claims.";
  const { sub } = payload;
  if (typeof sub !== "string" || !SUBJECT.test(sub) || RESERVED.test(sub)) {
    return "The token's `sub` must be 1 to 128 printable ASCII characters without spaces, and none of this server's own names.";
  }
  const roles = rolesIn(payload, rolesClaim);
  if (roles.length === 0) return `The token names no role in its claim \`${rolesClaim}\`.`;
  return { sub, roles, centres: centresIn(payload, centresClaim) };
}

/** Found by discovery at the first token, so that a server starts while its identity provider is down. */
function keysOf(issuer: string, ports: OidcPorts, ask: AskIssuer): JWTVerifyGetKey {
  let found: Promise<JWTVerifyGetKey> | null = null;
  const discover = async (): Promise<JWTVerifyGetKey> => {
    const at = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
    return createRemoteJWKSet(await ask(at, (document) => keysAddress(issuer, document)), {
      cacheMaxAge: KEYS_AGE_MS,
      cooldownDuration: ports.keysCoolDownMs ?? KEYS_COOL_DOWN_MS,
      [customFetch]: async (url) => Response.json(await ask(url, (keys) => keySet.parse(keys))),
    });
  };
  return async (...asked) => {
    found ??= discover();
    const keys = await found.catch((error: unknown) => {
      found = null;
      throw error;
    });
    return keys(...asked);
  };
}

const keySet = z.looseObject({ keys: z.array(z.looseObject({ kty: z.string() })) });
const discovery = z.looseObject({ issuer: z.string(), jwks_uri: z.url() });

/** The document must name the very issuer (Discovery section 4.3), and keys may not come over a weaker line than it. */
function keysAddress(issuer: string, document: unknown): URL {
  const { issuer: named, jwks_uri: uri } = discovery.parse(document);
  if (named !== issuer) throw new Error(`expected the issuer ${issuer}, found ${named}`);
  const url = new URL(uri);
  if (url.protocol !== "https:" && url.protocol !== new URL(issuer).protocol) {
    throw new Error(`expected keys over https, found ${uri}`);
  }
  return url;
}
