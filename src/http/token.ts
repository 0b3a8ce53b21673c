/** Makes and reads the tokens that say who calls: JWTs (RFC 7519) signed with HS256 under the server's own key. */

import { SignJWT, errors, jwtVerify } from "jose";
import { z } from "zod";
import type { Caller } from "../runtime/engine.ts";
import { remembering, type Verified } from "./remembering.ts";

export interface TokenClaims {
  /** A stable pseudonymous id, never a name. */
  readonly sub: string;
  readonly roles: readonly string[];
  /** Centres that the holder reaches; `*`: all. */
  readonly centres: "*" | readonly string[];
}

export type TokenReading =
  | { readonly kind: "known"; readonly caller: Caller }
  | { readonly kind: "refused"; readonly detail: string }
  /** Whether the token is good can't be known now: its issuer does not answer. */
  | { readonly kind: "unavailable"; readonly detail: string };

/** At once where it is known already. */
export type TokenReader = (token: string) => TokenReading | Promise<TokenReading>;

const OWN_ISSUER = "sevenstep";
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
    .setIssuer(OWN_ISSUER)
    .setSubject(claims.sub)
    .setIssuedAt(times.issuedAt)
    .setExpirationTime(times.expiresAt)
    .sign(key);
}

/** @param nowMs the clock that decides expiry */
export function tokenReader(key: Uint8Array, nowMs: () => number = Date.now): TokenReader {
  return remembering((token) => verify(key, token, nowMs()), nowMs);
}

async function verify(key: Uint8Array, token: string, nowMs: number): Promise<Verified> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [ALGORITHM],
      issuer: OWN_ISSUER,
      currentDate: new Date(nowMs),
    });
    const claims = claimsSchema.safeParse(payload);
    if (!claims.success) {
      return { kind: "refused", detail: "The token does not say who, in which roles and centres." };
    }
    const { sub, roles, centres, exp } = claims.data;
    const caller: Caller = { sub, roles, centres: centres === "*" ? null : centres };
    return { kind: "known", caller, goodUntil: exp * 1000 };
  } catch (error) {
    return { kind: "refused", detail: complaint(error) };
  }
}

/** What is wrong with a token that did not verify. @throws what is no fault of the token */
export function complaint(error: unknown): string {
  if (error instanceof errors.JWTExpired) return "The token has expired; ask for a new one.";
  if (error instanceof errors.JOSEError || error instanceof TypeError) {
    return "The token is not one that this server has signed or trusts the issuer of.";
  }
  throw error;
}
