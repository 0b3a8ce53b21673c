/** Makes the log of a test database follow what was written, as a server does, by a key of its own. */

import { grownLog } from "../../../src/audit/log/grow.ts";
import { signerOf } from "../../../src/audit/log/note-key.ts";
import type { Store } from "../../../src/store/store.ts";

const LOG_KEY = signerOf("sevenstep/test", new Uint8Array(32).fill(1));

export async function grownToTheEnd(store: Store): Promise<void> {
  const { verifier } = LOG_KEY;
  if ((await store.log.keys()).length === 0) {
    const key = { keyId: verifier.id, vkey: verifier.text, vouched: null };
    await store.log.addKey(null, () => key);
  }
  await store.feed.sequence(1_000_000);
  for (;;) {
    const grown = await store.log.grow({
      ...{ limit: 5_000, keyId: verifier.id, known: null },
      grow: ({ last, ...growth }) => {
        const { tiles, checkpoint, note } = grownLog(
          { ...growth, note: last?.note ?? null, root: null },
          LOG_KEY,
        );
        const { size } = checkpoint;
        return { tiles, checkpoint: { size, time: growth.now, keyId: verifier.id, note } };
      },
    });
    if (grown.kind === "idle") return;
    if (grown.kind !== "grown") throw new Error(`expected the log to grow, found ${grown.kind}`);
  }
}
