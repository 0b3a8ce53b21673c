/** A log's key and its checkpoints outside the database, for as long as the test lives. */

import { checkpointIn } from "../../src/audit/log/grow.ts";
import type { SignerKey } from "../../src/audit/log/note-key.ts";
import type { LogKeeping } from "../../src/runtime/log-keeping.ts";

export interface MemoryLogKeeping extends LogKeeping {
  /** In the order in which they were appended. */
  readonly notes: string[];
  readonly keys: { own: SignerKey | null; next: SignerKey | null };
}

export function memoryLogKeeping(notes: string[] = []): MemoryLogKeeping {
  const keys: MemoryLogKeeping["keys"] = { own: null, next: null };
  return {
    ...{ notes, keys },
    signer: {
      read: () => Promise.resolve(keys.own),
      readNext: () => Promise.resolve(keys.next),
      make: (key) => {
        keys.own ??= key;
        return Promise.resolve(keys.own);
      },
      keepNext: (key) => {
        keys.next = key;
        return Promise.resolve();
      },
      takeNext: () => {
        keys.own = keys.next;
        keys.next = null;
        return Promise.resolve();
      },
    },
    file: {
      path: "memory",
      newest: () => Promise.resolve(checkpointIn(notes.at(-1) ?? "")),
      append: (more) => {
        notes.push(...more);
        return Promise.resolve();
      },
    },
  };
}
