/** Puts messages together: what callers do with them, and the loop that delivers what is kept. */

import type { Store } from "../store/store.ts";
import type { Bus } from "./bus.ts";
import type { Messages } from "./contracts/messages.ts";
import type { Library } from "./definitions.ts";
import { createMessageRounds } from "./deliver-messages.ts";
import type { Keyring } from "./keyring.ts";
import { createLoop } from "./loop.ts";
import { createMessageCatalogue } from "./message-catalogue.ts";
import { createMessages } from "./messages.ts";
import type { Ports } from "./ports.ts";
import { createSecretBox } from "./sealed-secret.ts";
import type { Wake } from "./wake.ts";

export interface Messaging {
  /** @param afterwards runs what must wait for the store's transaction */
  readonly on: (
    store: Store,
    library: Library,
    afterwards: (effect: () => void) => void,
  ) => Messages;
  /** The wake that was given, and a look at what is kept. */
  readonly wake: Wake;
  readonly start: () => void;
  readonly stop: () => Promise<void>;
}

export function createMessaging(
  ports: Ports & {
    readonly library: Library;
    readonly keyring: Keyring;
    readonly bus: Pick<Bus, "publish" | "subscribe">;
    readonly wake: Wake;
  },
): Messaging {
  const { secret, random, bus } = ports;
  const catalogue = createMessageCatalogue();
  const box = createSecretBox(secret, "message payload", random);
  const wake: Wake = (...written) => {
    ports.wake(...written);
    if (rounds.anyKept()) loop.wake();
  };
  const rounds = createMessageRounds({ ...ports, catalogue, box, wake });
  const loop = createLoop(ports, "messages", rounds.round);
  bus.subscribe("messages", loop.wake);
  return {
    on: (store, library, afterwards) =>
      createMessages({
        ...{ ...ports, catalogue, box, store, library },
        wake: (...written) => afterwards(() => wake(...written)),
        kept: () => afterwards(() => bus.publish(["messages"])),
      }),
    ...{ wake, start: loop.start, stop: loop.stop },
  };
}
