/** Makes and reads the tokens that say who calls: JWTs (RFC 7519) signed with HS256 under the server's own key. */

import { SignJWT, errors, jwtVerify } from "jose";
import { z } from "zod";
import type { Caller } from "../runtime/engine.ts";

export interface TokenClaims {
  /** A stable pseudonymous id, never a name. */
  readonly sub: string;
  readonly roles: readonly string[];
  /** Centres that the holder reaches; `*`: all. */
  readonly centres: "*" | readonly string[];
}

export type TokenReading =
  | { readonly kind: "known"; readonly caller: Caller }
  | { readonly kind: "refused"; readonly detail: string };

export type TokenReader = (token: string) => Promise<TokenReading>;

const ISSUER = "sevenstep";
const ALGORITHM = "HS256";

export const ROLE_NAME = /^[a-z][A-Za-z0-9-]{0,63}$/;
export const SUBJECT = /^[\x21-\x7e]{1,128}$/;
export const CENTRE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const claimsSchema = z.object({
  sub: z.string().regex(SUBJECT),
  roles: z.array(z.string().regex(ROLE_NAME)).min(1).max(32),
  centres: z.union([z.literal("*"), z.array(z.string().regex(CENTRE)).max(1000)]),
  exp: z.number().int().positive(),
});

/** @param expiresAt epoch seconds */
export async function mintToken(
  key: Uint8Array,
  claims: TokenClaims,
  times: { readonly issuedAt: number; readonly expiresAt: number },
): Promise<string> {
  return new SignJWT({ roles: [...claims.roles], centres: claims.centres })
    .setProtectedHeader({ alg: ALGORITHM, typ: "JWT" })
    .setIssuer(ISSUER)
    .setSubject(claims.sub)
    .setIssuedAt(times.issuedAt)
    .setExpirationTime(times.expiresAt)
    .sign(key);
}

/**
 * A reader that remembers tokens it has verified, because a caller sends the same one with every request; expiry is
 * looked at each time.
 *
 * @param nowMs the clock that decides expiry
 */
export function tokenReader(key: Uint8Array, nowMs: () => number = Date.now): TokenReader {
  const known = new Map<string, { readonly caller: Caller; readonly expiresAt: number }>();
  return async (token) => {
    const remembered = known.get(token);
    if (remembered !== undefined && remembered.expiresAt * 1000 > nowMs()) {
      return { kind: "known", caller: remembered.caller };
    }
    known.delete(token);
    const reading = await verify(key, token, nowMs());
    if (reading.kind === "refused") return reading;
    if (known.size >= REMEMBERED) known.clear();
    known.set(token, reading);
    return { kind: "known", caller: reading.caller };
  };
}

const REMEMBERED = 10_000;

async function verify(
  key: Uint8Array,
  token: string,
  nowMs: number,
): Promise<
  | { readonly kind: "known"; readonly caller: Caller; readonly expiresAt: number }
  | { readonly kind: "refused"; readonly detail: string }
> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      currentDate: new Date(nowMs),
    });
    const claims = claimsSchema.safeParse(payload);
    if (!claims.success) {
      return { kind: "refused", detail: "The token does not say who, in which roles and centres." };
    }
    const { sub, roles, centres, exp } = claims.data;
    const caller: Caller = { sub, roles, centres: centres === "*" ? null : centres };
    return { kind: "known", caller, expiresAt: exp };
  } catch (error) {
    if (error instanceof errors.JWTExpired) {
      return { kind: "refused", detail: "The token has expired; ask for a new one." };
    }
    if (error instanceof errors.JOSEError || error instanceof TypeError) {
      return { kind: "refused", detail: "The token is not one that this server has signed." };
    }
    throw error;
  }
}
