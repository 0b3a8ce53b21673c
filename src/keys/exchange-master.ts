/**
 * Exchanges the master secret beside servers that go on working: all keys are wrapped anew under a wrapper that only the new
 * envelope holds, so that copies of before, wherever they lie, open with the old secret alone. Stopped at any point, it goes
 * on when it is asked again.
 */

import { currentOf, envelopeText, masterId, opened, parseEnvelope, sealed } from "./envelope.ts";
import type { Contents, Envelope } from "./envelope.ts";
import type { KeyRecords } from "./key-records.ts";
import { KeystoreUnfit } from "./unfit.ts";
import { newWrapper } from "./wrapped-key.ts";
import { createWrappers } from "./wrappers.ts";

/**
 * Of two different secrets. Both open the keystore afterwards, so that servers may take the new one in their turn.
 * @returns how many keys were wrapped anew
 * @throws {KeystoreUnfit} while another exchange is not ended by `retireMasters`
 */
export async function exchangeMaster(
  records: KeyRecords,
  from: Uint8Array,
  to: Uint8Array,
): Promise<number> {
  await revised(records, from, (contents, { boxes }) => {
    const ids = new Set([masterId(from), masterId(to)]);
    if (boxes.some(({ master }) => !ids.has(master))) {
      throw new KeystoreUnfit(
        "An exchange to another master secret is under way: end it with `sevenstep keys retire` first.",
      );
    }
    // An exchange that was stopped goes on from there.
    if (boxes.some(({ master }) => master === masterId(to))) return null;
    const wrappers = [...contents.wrappers, newWrapper()] as const;
    return { contents: { ...contents, wrappers }, masters: [from, to] };
  });
  const wrappers = createWrappers(records, { read: () => Promise.resolve(from) });
  const current = currentOf(await wrappers.reload());
  let changed = 0;
  // What servers added before they knew of the new wrapper comes with a later pass.
  for (let pass = -1; pass !== 0; changed += pass) {
    pass = await records.rewrap(null, wrappers.anew(current));
  }
  await revised(records, from, (contents) =>
    contents.wrappers.length === 1
      ? null
      : { contents: { ...contents, wrappers: [currentOf(contents)] }, masters: [from, to] },
  );
  return changed + (await records.rewrap(null, wrappers.anew(current)));
}

/** Only this master secret opens the keystore from then on. @returns whether another one did before */
export async function retireMasters(records: KeyRecords, master: Uint8Array): Promise<boolean> {
  let isOther = false;
  await revised(records, master, (contents, { boxes }) => {
    isOther = boxes.length > 1;
    if (!isOther) return null;
    if (contents.wrappers.length > 1) {
      throw new KeystoreUnfit(
        "The exchange of the master secret was stopped: let `sevenstep keys rotate` end first.",
      );
    }
    return { contents, masters: [master] };
  });
  return isOther;
}

interface Revision {
  readonly contents: Contents;
  readonly masters: readonly Uint8Array[];
}

/** @param revise null: the envelope stays as it is */
async function revised(
  records: KeyRecords,
  master: Uint8Array,
  revise: (contents: Contents, envelope: Envelope) => Revision | null,
): Promise<void> {
  for (;;) {
    const text = await records.envelope();
    if (text === null) throw new KeystoreUnfit(`expected a keystore in ${records.place}`);
    const envelope = parseEnvelope(text);
    const revision = revise(opened(envelope, master), envelope);
    if (revision === null) return;
    const next = envelopeText(sealed(revision.contents, revision.masters, envelope.id));
    if (await records.replaceEnvelope(text, next)) return;
  }
}
