/** All that a decision writes of persons is sealed before the store takes it: values, and words about incidents. */

import type { Decision, StoredOrder } from "../store/store.ts";
import { sealedWords } from "./incident-words.ts";
import type { Keys } from "./keystore.ts";
import { keyTag, sealedWrite, type OpenDecision, type SealPorts } from "./seals.ts";

export type SealedDecision<T> =
  | Decision<T>
  /** The tag of the key that is neither there nor remembered. */
  | { readonly kind: "keyless"; readonly tag: string };

type Owner = Pick<StoredOrder, "id" | "subject">;

/** @param held keys that were fetched for this very decision */
export function sealedDecision<T>(
  seals: SealPorts,
  decision: OpenDecision<T>,
  owner: Owner,
  held: Keys,
): SealedDecision<T> {
  switch (decision.kind) {
    case "leave":
    case "release":
      return decision;
    case "incident":
      return withKey(seals, owner, held, (words) => {
        const { incident } = decision;
        return { ...decision, incident: { ...incident, detail: words(incident.detail) } };
      });
    case "retry":
      return withKey(seals, owner, held, (words) => {
        const { resolution } = decision;
        return { ...decision, resolution: { ...resolution, reason: words(resolution.reason) } };
      });
    case "write": {
      const sealed = sealedWrite(seals, decision.write, owner, held);
      if (sealed.kind === "keyless") return sealed;
      const { write } = sealed;
      const { resolution } = write;
      if (resolution === undefined) return { ...decision, write };
      return withKey(seals, owner, held, (words) => {
        const reason = words(resolution.reason);
        return { ...decision, write: { ...write, resolution: { ...resolution, reason } } };
      });
    }
  }
}

function withKey<T>(
  { keyring, random }: SealPorts,
  { id, subject }: Owner,
  held: Keys,
  seal: (words: (text: string) => string) => Decision<T>,
): SealedDecision<T> {
  const tag = keyTag(id, subject);
  const key = held.get(tag) ?? keyring.peek(tag);
  if (key === null) return { kind: "keyless", tag };
  return seal((text) => sealedWords(key, id, text, random));
}
