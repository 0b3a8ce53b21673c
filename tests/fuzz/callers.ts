/** Who sends the drawn requests: one caller of each kind, with the token that it would come with. */

import { mintToken } from "../../src/http/token.ts";
import { key, tokenFor } from "../http/server.ts";
import type { Who } from "./requests.ts";

const tokens = new Map<Who, Promise<string | null>>();

/** @returns null: without any token */
export async function authorizationOf(who: Who): Promise<string | null> {
  const token = tokens.get(who) ?? tokenOf(who);
  tokens.set(who, token);
  const text = await token;
  return text === null ? null : `Bearer ${text}`;
}

async function tokenOf(who: Who): Promise<string | null> {
  const claims = { sub: who, roles: ["admin"], centres: "*" as const };
  const longAgo = { issuedAt: 1_000_000, expiresAt: 1_000_001 };
  const inTime = { issuedAt: Math.floor(Date.now() / 1000), expiresAt: 4_000_000_000 };
  switch (who) {
    case "none":
      return null;
    case "garbage":
      return "x.y.z";
    case "expired":
      return mintToken(key, claims, longAgo);
    case "foreign":
      return mintToken(new Uint8Array(32).fill(7), claims, inTime);
    case "altered": {
      const [head = "", payload = "", signature = ""] = (
        await mintToken(key, claims, inTime)
      ).split(".");
      const text = Buffer.from(payload, "base64url").toString("utf8").replace("altered", "someone");
      return `${head}.${Buffer.from(text).toString("base64url")}.${signature}`;
    }
    case "elsewhere":
      return tokenFor(["admin", "manager"], { sub: who, centres: ["elsewhere"] });
    default:
      return tokenFor(who, { sub: who });
  }
}
