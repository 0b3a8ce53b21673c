/** What people and workers write about incidents lies under the person's key, like every personal value of the order. */

import { box, NONCE_BYTES, openBox } from "../audit/box.ts";
import { SALT_BYTES } from "../audit/seal.ts";
import type { Incident } from "../store/contracts/incidents.ts";
import type { Keyring } from "./keyring.ts";
import type { Random } from "./ports.ts";
import { keyTag } from "./seals.ts";

/** In place of a commitment: no entry holds one to what is said about an incident. */
const LABEL = "incident";
/** What the engine itself says, and what releases before wrote, begins otherwise. */
const PREFIX = "boxed:";
const WITHHELD = { restricted: "restricted", erased: "erased" } as const;

export function sealedWords(
  key: Uint8Array,
  orderId: string,
  words: string,
  random: Random,
): string {
  const salt = Buffer.from(random(SALT_BYTES)).toString("hex");
  const row = { commitment: LABEL, salt, value: words };
  return `${PREFIX}${box(key, orderId, row, random(NONCE_BYTES)).toString("base64")}`;
}

/** The same incidents with what was said about them, in their order. */
export async function withWords(
  keyring: Pick<Keyring, "read">,
  incidents: readonly Incident[],
): Promise<readonly Incident[]> {
  const sealed = incidents.filter(({ detail, reason }) => isSealed(detail) || isSealed(reason));
  if (sealed.length === 0) return incidents;
  const keys = await keyring.read([...new Set(sealed.map(tagOf))]);
  return incidents.map((incident) => {
    const key = keys.get(tagOf(incident));
    const opened = (words: string): string =>
      isSealed(words) ? wordsIn(incident, words, key) : words;
    const { detail, reason } = incident;
    return { ...incident, detail: opened(detail), reason: reason === null ? null : opened(reason) };
  });
}

function wordsIn(
  { orderId, isRestricted }: Incident,
  words: string,
  key: Uint8Array | undefined,
): string {
  if (isRestricted) return WITHHELD.restricted;
  if (key === undefined) return WITHHELD.erased;
  const bytes = Buffer.from(words.slice(PREFIX.length), "base64");
  const value = openBox(key, orderId, LABEL, bytes)?.value;
  return typeof value === "string" ? value : WITHHELD.erased;
}

function isSealed(words: string | null): words is string {
  return words?.startsWith(PREFIX) === true;
}

function tagOf({ orderId, holder }: Incident): string {
  return keyTag(orderId, holder);
}
