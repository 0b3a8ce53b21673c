/** Hands each token to the one reader that can judge it: API keys, the identity provider's tokens, and this server's own. */

import { decodeJwt } from "jose";
import type { KeyHolder } from "../runtime/contracts/api-keys.ts";
import type { TokenReader, TokenReading } from "./token.ts";

export interface TokenReaders {
  readonly own: TokenReader;
  readonly keyHolder: KeyHolder;
  readonly oidc?: { readonly issuer: string; readonly read: TokenReader };
}

/** How every API key begins, so that a scan over texts finds one that got lost. */
const API_KEY_PREFIX = "ssk_";

/** An identity provider that is down keeps nobody waiting but those whom it vouches for. */
export function readerOf({ own, keyHolder, oidc }: TokenReaders): TokenReader {
  return (token) => {
    if (token.startsWith(API_KEY_PREFIX)) return heldBy(keyHolder, token);
    if (oidc !== undefined && issuerIn(token) === oidc.issuer) return oidc.read(token);
    return own(token);
  };
}

async function heldBy(keyHolder: KeyHolder, key: string): Promise<TokenReading> {
  const caller = await keyHolder(key);
  return caller === null
    ? { kind: "refused", detail: "The API key is unknown, revoked or past its end." }
    : { kind: "known", caller };
}

/** As the token says, which nobody has verified yet. */
function issuerIn(token: string): string | null {
  try {
    return decodeJwt(token).iss ?? null;
  } catch {
    return null;
  }
}
