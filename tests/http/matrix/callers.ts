/** The columns of the matrix: nobody, tokens in every role and with every set of centres, and API keys with the same. */

import { asking, tokenFor, type TestServer } from "../server.ts";

export const OWN = "matrix-own";
export const OTHER = "matrix-other";

/** Where a thing lives; null: in no centre. */
export type Home = string | null;

export const SCOPES = {
  own: [OWN],
  other: [OTHER],
  both: [OWN, OTHER],
  all: "*",
  none: [],
} as const;
export type Scope = keyof typeof SCOPES;
const SCOPE_NAMES = ["own", "other", "both", "all", "none"] as const satisfies Scope[];

/** By the name of their column. */
const ROLES: { readonly [column: string]: readonly string[] } = {
  ...Object.fromEntries(
    ["admin", "auditor", "privacy", "designer", "worker", "system", "manager"].map((role) => [
      role,
      [role],
    ]),
  ),
  ...Object.fromEntries(
    ["advisor", "technician", "customer", "parts", "lead", "visitor"].map((role) => [role, [role]]),
  ),
  "auditor+advisor": ["auditor", "advisor"],
};
const KEYS = ["admin", "auditor", "worker", "advisor"] as const;

export interface Caller {
  /** What it holds, and with an API key the word `key`. */
  readonly column: string;
  readonly roles: readonly string[];
  readonly scope: Scope;
  readonly token: string | null;
}

const NOBODY: Caller = { column: "nobody", roles: [], scope: "none", token: null };

export async function callersOf(server: TestServer): Promise<readonly Caller[]> {
  const callers: Caller[] = [NOBODY];
  for (const scope of SCOPE_NAMES) {
    const centres = SCOPES[scope];
    for (const [column, roles] of Object.entries(ROLES)) {
      const sub = `${column}-${scope}`;
      callers.push({ column, roles, scope, token: await tokenFor(roles, { sub, centres }) });
    }
    // No key is made for no centre.
    for (const role of scope === "none" ? [] : KEYS) {
      const body = { name: `${role} ${scope}`, roles: [role], centres };
      const made = await asking(server)("/v1/api-keys", { body });
      if (made.status !== 201) throw new Error(made.text);
      callers.push({ column: `${role} key`, roles: [role], scope, token: made.body.key });
    }
  }
  return callers;
}

export function reachesThing({ scope }: Pick<Caller, "scope">, home: Home): boolean {
  const centres = SCOPES[scope];
  if (centres === "*") return true;
  return home !== null && centres.some((centre) => centre === home);
}
