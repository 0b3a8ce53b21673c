/** Gives an answer all its headers when it is made: one that is changed afterwards is made, and paid for, a second time. */

import type { Context } from "hono";
import type { HttpEnv } from "./context.ts";

/** Headers by their names as they are usually written. */
export interface Said {
  [name: string]: string;
}

/** Says a header of the answer to come, whichever that will be. */
export function say(c: Context<HttpEnv>, name: string, value: string): void {
  c.get("said")[name] = value;
}

/** What is said no longer: a handler may have said it on its way to an answer that it then could not give. */
export function unsay(c: Context<HttpEnv>, names: readonly string[]): void {
  const said = c.get("said");
  for (const name of names) delete said[name];
}

/** The answer with what was said on the way to it; its own headers come before that. */
export function answer(
  c: Context<HttpEnv>,
  body: string | Buffer<ArrayBuffer> | null,
  status: number,
  own: { readonly [name: string]: string } = {},
): Response {
  const response = new Response(body, { status, headers: { ...c.get("said"), ...own } });
  c.set("answered", response);
  return response;
}

/** Adds what was said to an answer that was made in another way; what it has already stays. */
export function dress(c: Context<HttpEnv>): void {
  const { res } = c;
  if (res === c.get("answered")) return;
  const { headers } = res;
  for (const [name, value] of Object.entries(c.get("said"))) {
    const own = headers.get(name);
    if (own === null) headers.set(name, value);
    else if (name === VARY && !own.includes(value)) headers.append(name, value);
  }
}

/** Everybody has a say in what an answer differs by. */
const VARY = "Vary";
