/** Knows the wrappers of a keystore: reads the envelope again when it may have changed, and forgets none that it saw. */

import { StoreUnavailable } from "../store/errors.ts";
import { isFor, lockedMessage, opened, parseEnvelope, type Contents } from "./envelope.ts";
import type { KeyRecords } from "./key-records.ts";
import type { MasterSecret } from "./master-secret.ts";
import { unwrapKey, wrapKey, type WrappedKey, type Wrapper } from "./wrapped-key.ts";

export interface Wrappers {
  /** As they were read last. @throws before the first `reload` */
  readonly contents: () => Contents;
  readonly keystoreId: () => string;
  /** @throws {KeystoreUnfit} when the master secret at hand opens it not */
  readonly reload: () => Promise<Contents>;
  /** null: not read yet. */
  readonly peek: (id: string) => Wrapper | null;
  /** @throws {StoreUnavailable} when the envelope does not know it either: whoever wraps anew may be at it just now */
  readonly of: (id: string) => Promise<Wrapper>;
  /** What wraps a key anew; null for a key that is wrapped so already. */
  readonly anew: (current: Wrapper) => (key: WrappedKey) => WrappedKey | null;
}

interface Read {
  readonly text: string;
  readonly id: string;
  readonly contents: Contents;
}

export function createWrappers(
  { place, envelope }: Pick<KeyRecords, "place" | "envelope">,
  master: Pick<MasterSecret, "read">,
): Wrappers {
  // What was found under a wrapper may be opened after the wrapper went.
  const seen = new Map<string, Wrapper>();
  let last: Read | null = null;

  const lastRead = (): Read => {
    if (last !== null) return last;
    throw new Error("expected the keystore to be prepared before it is used");
  };
  const reload = async (): Promise<Contents> => {
    const text = await envelope();
    if (text === null) throw new StoreUnavailable(`The keystore in ${place} has no envelope.`);
    if (text === last?.text) return last.contents;
    const parsed = parseEnvelope(text);
    const secret = await master.read();
    // The one may have been exchanged after the other was read.
    if (!isFor(parsed, secret) && (await envelope()) !== text) return reload();
    // At a start the operator is told; a server that serves waits for them.
    if (!isFor(parsed, secret) && last !== null) throw new StoreUnavailable(lockedMessage());
    const contents = opened(parsed, secret);
    for (const wrapper of contents.wrappers) seen.set(wrapper.id, wrapper);
    last = { text, id: parsed.id, contents };
    return contents;
  };
  const peek = (id: string): Wrapper | null => seen.get(id) ?? null;

  return {
    contents: () => lastRead().contents,
    keystoreId: () => lastRead().id,
    reload,
    peek,
    of: async (id) => {
      if (peek(id) === null) await reload();
      const wrapper = peek(id);
      if (wrapper !== null) return wrapper;
      const problem = `a key under the wrapper ${id}, which its envelope does not know`;
      throw new StoreUnavailable(`The keystore in ${place} holds ${problem}.`);
    },
    anew: (current) => (key) => {
      if (key.wrapper === current.id) return null;
      const old = peek(key.wrapper);
      return old === null ? null : wrapKey(key.name, unwrapKey(key, old), current);
    },
  };
}
