/** Tokens of an OpenID Connect issuer: who is believed, who is not, and what happens while the issuer is away. */

import { SignJWT, UnsecuredJWT } from "jose";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { oidcReader } from "../../src/http/oidc.ts";
import type { OidcOptions } from "../../src/http/oidc.ts";
import type { TokenReader } from "../../src/http/token.ts";
import { AUDIENCE, DISCOVERY, KEYS, startIssuer } from "./issuer.ts";
import type { Algorithm, Issuer } from "./issuer.ts";

let issuer: Issuer;
/** Added to the platform's clock. */
let later = 0;

beforeEach(async () => {
  later = 0;
  issuer = await startIssuer();
});
afterEach(() => issuer.close());

function reader(more: Partial<OidcOptions> = {}, keysCoolDownMs = 0): TokenReader {
  const options = { issuer: issuer.url, audience: AUDIENCE, rolesClaim: "roles" };
  const ports = { fetch, nowMs: () => Date.now() + later, keysCoolDownMs };
  return oidcReader({ ...options, centresClaim: "centres", ...more }, ports);
}

const claims = { roles: ["technician"], centres: ["sh-01"] };

describe("oidcReader", () => {
  test.each<Algorithm>(["RS256", "ES256", "EdDSA"])("believes %s", async (algorithm) => {
    await issuer.rotate(algorithm);
    expect(await reader()(await issuer.sign(claims))).toEqual({
      kind: "known",
      caller: { sub: "u-1", roles: ["technician"], centres: ["sh-01"] },
    });
  });

  test("asks for discovery and keys once, however many tokens come at once", async () => {
    const read = reader({}, 10_000);
    const tokens = await Promise.all(
      Array.from({ length: 20 }, (_, n) => issuer.sign({ ...claims, sub: `u-${n}` })),
    );
    const readings = await Promise.all(tokens.map(async (token) => read(token)));
    expect(readings.every(({ kind }) => kind === "known")).toBe(true);
    expect([issuer.asked(DISCOVERY), issuer.asked(KEYS)]).toEqual([1, 1]);
  });

  test("refuses what is expired, not yet valid, or of another audience or issuer", async () => {
    const read = reader();
    const now = Math.floor(Date.now() / 1000);
    expect((await read(await issuer.sign(claims))).kind).toBe("known");
    for (const wrong of [
      { exp: now - 60 },
      { nbf: now + 60 },
      { aud: "another" },
      { aud: undefined },
      { iss: "https://another.example" },
      { exp: undefined },
      { sub: undefined },
      { sub: "with space" },
      { sub: "sevenstep" },
      { sub: "api-key:0" },
      { roles: undefined },
      { roles: [] },
    ]) {
      expect(await read(await issuer.sign({ ...claims, ...wrong })), JSON.stringify(wrong)).toEqual(
        { kind: "refused", detail: expect.any(String) },
      );
    }
  });

  test("forgives ten seconds between the clocks, and no more", async () => {
    const read = reader();
    const now = Math.floor(Date.now() / 1000);
    const token = await issuer.sign({ ...claims, exp: now + 5 });
    expect((await read(token)).kind).toBe("known");
    later = 13_000;
    expect((await read(token)).kind).toBe("known");
    later = 16_000;
    expect((await read(token)).kind).toBe("refused");
  });

  test("is not confused about algorithms", async () => {
    const read = reader();
    const body = { iss: issuer.url, aud: AUDIENCE, sub: "u-1", ...claims };
    const end = Math.floor(Date.now() / 1000) + 300;
    const jwk = issuer.publicKey();
    const asSecret = new TextEncoder().encode(JSON.stringify(jwk));
    const modulus = Buffer.from(jwk.n ?? "", "base64url");
    const hmac = (secret: Uint8Array) =>
      new SignJWT(body)
        .setProtectedHeader({ alg: "HS256", ...(jwk.kid === undefined ? {} : { kid: jwk.kid }) })
        .setExpirationTime(end)
        .sign(secret);
    const good = await issuer.sign(claims);
    const [, payload, signature] = good.split(".");
    const header = (fields: object) => Buffer.from(JSON.stringify(fields)).toString("base64url");
    for (const forged of [
      await hmac(asSecret),
      await hmac(modulus),
      new UnsecuredJWT(body).setExpirationTime(end).encode(),
      `${header({ alg: "none" })}.${payload}.`,
      `${header({ alg: "PS256", kid: jwk.kid })}.${payload}.${signature}`,
      `${header({ alg: "RS256", kid: jwk.kid, crit: ["x"], x: 1 })}.${payload}.${signature}`,
      `${header({ alg: "RS256", jwk })}.${payload}.${signature}`,
    ]) {
      expect((await read(forged)).kind, forged).toBe("refused");
    }
    expect((await read(good)).kind).toBe("known");
  });

  test("reads roles and centres where the operator says, and ignores what can't be one", async () => {
    const nested = {
      realm_access: { roles: ["technician", "offline_access", "technician", 7, "lead"] },
      "https://example.com/centres": "sh-01 sh-02 bad/centre",
    };
    const read = reader({
      rolesClaim: "realm_access.roles",
      centresClaim: "https://example.com/centres",
    });
    expect(await read(await issuer.sign(nested))).toMatchObject({
      caller: { roles: ["technician", "lead"], centres: ["sh-01", "sh-02"] },
    });
  });

  test("gives all centres only to `*`, and none where the claim is absent", async () => {
    const read = reader();
    const centresOf = async (centres: unknown) => {
      const reading = await read(await issuer.sign({ ...claims, centres }));
      return reading.kind === "known" ? reading.caller.centres : reading;
    };
    expect(await centresOf("*")).toBeNull();
    expect(await centresOf(["sh-01", "*"])).toBeNull();
    expect(await centresOf(undefined)).toEqual([]);
    expect(await centresOf({ all: true })).toEqual([]);
  });

  test("asks for the keys again at a key that it does not know", async () => {
    const read = reader();
    expect((await read(await issuer.sign(claims))).kind).toBe("known");
    await issuer.rotate();
    expect((await read(await issuer.sign(claims))).kind).toBe("known");
    expect(issuer.asked(KEYS)).toBe(2);
  });

  test("does not ask for the keys at every key that somebody makes up", async () => {
    const read = reader({}, 600_000);
    expect((await read(await issuer.sign(claims))).kind).toBe("known");
    for (let n = 0; n < 50; n += 1) {
      expect((await read(await issuer.sign(claims, { kid: `made-up-${n}` }))).kind).toBe("refused");
    }
    expect(issuer.asked(KEYS)).toBe(1);
  });

  test("looks at a token again within a minute, so that a withdrawn key is believed no longer", async () => {
    const read = reader();
    const token = await issuer.sign(claims);
    expect((await read(token)).kind).toBe("known");
    await issuer.rotate();
    expect((await read(await issuer.sign(claims))).kind).toBe("known");
    expect((await read(token)).kind).toBe("known");
    later = 61_000;
    expect((await read(token)).kind).toBe("refused");
  });
});

describe("an issuer that is away", () => {
  test.each([
    ["answers 500", { status: 500 }],
    ["is no issuer", { body: "<html>" }],
    ["redirects", { status: 302, headers: { Location: "http://127.0.0.1:9/" } }],
    ["never ends its answer", { body: " ".repeat(1_048_577) }],
  ])("makes its tokens unavailable, when it %s", async (_what, answer) => {
    for (const path of [DISCOVERY, KEYS]) {
      issuer.say(path, answer);
      const read = reader();
      const token = await issuer.sign(claims);
      expect(await read(token)).toMatchObject({ kind: "unavailable" });
      issuer.say(path, null);
      expect(await read(token)).toMatchObject({ kind: "unavailable" });
      later += 5_001;
      expect(await read(token)).toMatchObject({ kind: "known" });
    }
  });

  test("is left in peace for five seconds, and keeps nobody waiting meanwhile", async () => {
    issuer.say(DISCOVERY, { status: 503 });
    const read = reader();
    const token = await issuer.sign(claims);
    for (let n = 0; n < 100; n += 1) expect((await read(token)).kind).toBe("unavailable");
    expect(issuer.asked(DISCOVERY)).toBe(1);
  });

  test("that names itself otherwise than configured is not believed", async () => {
    const body = JSON.stringify({ issuer: "https://evil.example", jwks_uri: `${issuer.url}/keys` });
    issuer.say(DISCOVERY, { body });
    expect((await reader()(await issuer.sign(claims))).kind).toBe("unavailable");
    expect(issuer.asked(KEYS)).toBe(0);
  });

  test("can be shut without those noticing whom it vouched for a moment ago", async () => {
    const read = reader();
    const token = await issuer.sign(claims);
    expect((await read(token)).kind).toBe("known");
    const another = await issuer.sign({ ...claims, sub: "u-2" });
    issuer.say(KEYS, { status: 503 });
    expect((await read(token)).kind).toBe("known");
    expect((await read(another)).kind).toBe("known");
  });
});
