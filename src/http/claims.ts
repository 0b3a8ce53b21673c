/** Reads roles and centres out of the claims of a token that this server did not make; what it can't read gives nothing. */

import type { Json, JsonObject } from "../../machines/json.ts";
import { isJsonObject } from "../../machines/json.ts";
import { CENTRE, ROLE_NAME } from "./token.ts";

/**
 * Texts under a claim: a list, or one text with spaces between (as OAuth's `scope`).
 *
 * @param path the claim's own name, or the way into nested claims with dots between (`realm_access.roles`)
 */
function textsAt(claims: JsonObject, path: string): readonly string[] {
  const value = claimAt(claims, path);
  if (typeof value === "string") return value.split(" ").filter((text) => text !== "");
  if (!Array.isArray(value)) return [];
  return value.filter((text) => typeof text === "string");
}

/** A claim's own name may hold dots (`https://example.com/roles`), so it is looked for whole first. */
function claimAt(claims: JsonObject, path: string): Json | undefined {
  if (Object.hasOwn(claims, path)) return claims[path];
  let at: Json | undefined = claims;
  for (const name of path.split(".")) {
    if (!isJsonObject(at) || !Object.hasOwn(at, name)) return undefined;
    at = at[name];
  }
  return at;
}

/** Issuers add roles of their own making (`offline_access`); those that no process could name are left out. */
export function rolesIn(claims: JsonObject, path: string): readonly string[] {
  return [...new Set(textsAt(claims, path))].filter((role) => ROLE_NAME.test(role));
}

/** @returns null for all centres, which only `*` says; a claim that is absent gives none */
export function centresIn(claims: JsonObject, path: string): readonly string[] | null {
  const texts = textsAt(claims, path);
  return texts.includes("*") ? null : texts.filter((centre) => CENTRE.test(centre));
}
