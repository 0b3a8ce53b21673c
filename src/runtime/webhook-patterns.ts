/** Which events a webhook may ask for: a type that exists, or a prefix of one and `*`; anything else would never come. */

import { CHECKPOINT_TYPE } from "../store/contracts/merkle-log.ts";
import { EFFECT, EVENT_TYPES } from "./webhook-tellers.ts";

/** Names of effects are the definitions' to choose. */
const EFFECT_NAME = /^[^\s.*]{1,100}$/;

export function isEventPattern(text: string): boolean {
  if (text.endsWith("*")) return isPrefix(text.slice(0, -1));
  if (text.startsWith(EFFECT)) return EFFECT_NAME.test(text.slice(EFFECT.length));
  // It comes every second: whoever wants it names it.
  return text === CHECKPOINT_TYPE || EVENT_TYPES.includes(text);
}

function isPrefix(prefix: string): boolean {
  if (prefix.startsWith(EFFECT)) return /^[^\s.*]{0,100}$/.test(prefix.slice(EFFECT.length));
  return [...EVENT_TYPES, EFFECT].some((type) => type.startsWith(prefix));
}
