/** Tokens are believed exactly when this server signed them, and until they end; secrets are for the owner's eyes. */

import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SignJWT, UnsecuredJWT } from "jose";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { adminToken, existingTokenKey, tokenKey } from "../../src/http/data-folder.ts";
import { mintToken, tokenReader } from "../../src/http/token.ts";

const key = new Uint8Array(32).fill(7);
const NOW_S = 1_795_000_000;
const times = { issuedAt: NOW_S, expiresAt: NOW_S + 60 };
const claims = { sub: "tech-7", roles: ["technician", "lead"], centres: ["sh-01"] };

describe("tokenReader", () => {
  test("gives back who, in which roles and centres", async () => {
    const read = tokenReader(key, () => NOW_S * 1000);
    expect(await read(await mintToken(key, claims, times))).toEqual({
      kind: "known",
      caller: { sub: "tech-7", roles: ["technician", "lead"], centres: ["sh-01"] },
    });
    const everywhere = await mintToken(key, { ...claims, centres: "*" }, times);
    expect(await read(everywhere)).toMatchObject({ caller: { centres: null } });
  });

  test("refuses a token at the second in which it ends, also one that it has believed before", async () => {
    let nowMs = NOW_S * 1000;
    const read = tokenReader(key, () => nowMs);
    const token = await mintToken(key, claims, times);
    nowMs = times.expiresAt * 1000 - 1;
    expect(await read(token)).toMatchObject({ kind: "known" });
    nowMs = times.expiresAt * 1000;
    expect(await read(token)).toMatchObject({ kind: "refused" });
  });

  test("refuses what this server did not sign", async () => {
    const read = tokenReader(key, () => NOW_S * 1000);
    const good = await mintToken(key, claims, times);
    const [header, , signature] = good.split(".");
    const asAdmin = Buffer.from(JSON.stringify({ ...claims, roles: ["admin"] })).toString(
      "base64url",
    );
    const body = { sub: "x", roles: ["admin"], centres: "*" };
    const forged = [
      `${header}.${asAdmin}.${signature}`,
      await mintToken(new Uint8Array(32).fill(8), claims, times),
      new UnsecuredJWT(body).setIssuer("sevenstep").setExpirationTime(times.expiresAt).encode(),
      await new SignJWT(body)
        .setProtectedHeader({ alg: "HS512" })
        .setIssuer("sevenstep")
        .setExpirationTime(times.expiresAt)
        .sign(new Uint8Array(64).fill(7)),
      "nonsense",
      "",
      "a.b.c",
    ];
    for (const token of forged) expect(await read(token)).toMatchObject({ kind: "refused" });
  });

  test("refuses a signed token without an end, a subject, roles or centres, or of another issuer", async () => {
    const read = tokenReader(key, () => NOW_S * 1000);
    const sign = (body: Record<string, unknown>): Promise<string> =>
      new SignJWT(body).setProtectedHeader({ alg: "HS256" }).sign(key);
    const whole = { iss: "sevenstep", exp: times.expiresAt, ...claims };
    expect(await read(await sign(whole))).toMatchObject({ kind: "known" });
    for (const broken of [
      { ...whole, exp: undefined },
      { ...whole, sub: undefined },
      { ...whole, sub: "" },
      { ...whole, roles: [] },
      { ...whole, roles: "admin" },
      { ...whole, centres: undefined },
      { ...whole, centres: "sh-01" },
      { ...whole, iss: "elsewhere" },
    ]) {
      expect(await read(await sign(broken))).toMatchObject({ kind: "refused" });
    }
  });
});

describe("the data folder's secrets", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sevenstep-"));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  test("are for their owner only", async () => {
    await adminToken(folder, await tokenKey(folder), Date.now());
    for (const name of ["token-key", "admin-token"]) {
      expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
    }
  });

  test("are one key, however many processes make it at once", async () => {
    expect(await existingTokenKey(folder)).toBeNull();
    const keys = await Promise.all(Array.from({ length: 8 }, () => tokenKey(folder)));
    expect(new Set(keys.map((one) => Buffer.from(one).toString("hex"))).size).toBe(1);
    expect(await existingTokenKey(folder)).toEqual(keys[0]);
  });

  test("keep the admin's token over a restart, and renew it when it is about to end or of another key", async () => {
    const signing = await tokenKey(folder);
    const first = await adminToken(folder, signing, Date.now());
    expect(await adminToken(folder, signing, Date.now())).toEqual(first);
    const inElevenMonths = Date.now() + 340 * 86_400_000;
    const second = await adminToken(folder, signing, inElevenMonths);
    expect(second.token).not.toBe(first.token);
    expect((await readFile(join(folder, "admin-token"), "utf8")).trim()).toBe(second.token);
    const third = await adminToken(folder, new Uint8Array(32).fill(9), inElevenMonths);
    expect(third.token).not.toBe(second.token);
  });

  test("refuse a key file that is no 256-bit key", async () => {
    await writeFile(join(folder, "token-key"), "c2hvcnQ\n");
    await expect(tokenKey(folder)).rejects.toThrow("256-bit");
  });
});
