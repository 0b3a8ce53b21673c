/** An OpenID Connect issuer on loopback that signs what a test asks for, and can be rotated, misled and shut. */

import { once } from "node:events";
import { createServer } from "node:http";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import type { CryptoKey, JWK } from "jose";

export type Algorithm = "RS256" | "ES256" | "EdDSA";

export interface Issuer {
  readonly url: string;
  /** Requests so far, by path. */
  readonly asked: (path: string) => number;
  /** The key's public half, as it was published. */
  readonly publicKey: () => JWK;
  /** A new key takes the place of the one before. */
  readonly rotate: (algorithm?: Algorithm) => Promise<void>;
  /** Signs with the present key; `undefined` takes a claim away. */
  readonly sign: (
    claims: { readonly [claim: string]: unknown },
    header?: object,
  ) => Promise<string>;
  /** Answers this instead of the document at the path; null: as before. */
  readonly say: (path: string, answer: Answer | null) => void;
  readonly close: () => Promise<void>;
}

interface Answer {
  readonly status?: number;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string;
  /** Never answered at all. */
  readonly hang?: true;
}

export const AUDIENCE = "sevenstep";
export const KEYS = "/keys";
export const DISCOVERY = "/.well-known/openid-configuration";

export async function startIssuer(algorithm: Algorithm = "RS256"): Promise<Issuer> {
  const counts = new Map<string, number>();
  const said = new Map<string, Answer>();
  let made = 0;
  let key: { readonly privateKey: CryptoKey; readonly jwk: JWK; readonly alg: Algorithm };
  const rotate = async (alg: Algorithm = algorithm): Promise<void> => {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    made += 1;
    key = { privateKey, alg, jwk: { ...(await exportJWK(publicKey)), kid: `key-${made}`, alg } };
  };
  await rotate();
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    counts.set(path, (counts.get(path) ?? 0) + 1);
    const answer = said.get(path);
    if (answer?.hang === true) return;
    const documents: { readonly [path: string]: object } = {
      [DISCOVERY]: { issuer: url, jwks_uri: `${url}${KEYS}` },
      [KEYS]: { keys: [key.jwk] },
    };
    response.writeHead(answer?.status ?? (path in documents ? 200 : 404), answer?.headers);
    response.end(answer?.body ?? JSON.stringify(documents[path] ?? {}));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  return {
    url,
    asked: (path) => counts.get(path) ?? 0,
    publicKey: () => key.jwk,
    rotate,
    sign: (claims, header = {}) => {
      const now = Math.floor(Date.now() / 1000);
      const all = { iss: url, aud: AUDIENCE, iat: now, exp: now + 300, sub: "u-1", ...claims };
      return new SignJWT(all)
        .setProtectedHeader({ alg: key.alg, kid: key.jwk.kid ?? "", ...header })
        .sign(key.privateKey);
    },
    say: (path, answer) => {
      if (answer === null) said.delete(path);
      else said.set(path, answer);
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
