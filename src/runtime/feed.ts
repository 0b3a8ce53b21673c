/** This server's part in the feed: it numbers entries when it is its turn, and follows them for its streams. */

import type { Store } from "../store/store.ts";
import type { Bus } from "./bus.ts";
import { createStreams } from "./create-streams.ts";
import type { Library } from "./definitions.ts";
import { createFeedTail } from "./feed-tail.ts";
import type { Keyring } from "./keyring.ts";
import { createLoop } from "./loop.ts";
import type { Clock, Log } from "./ports.ts";
import { createSequencer } from "./sequencer.ts";
import type { Streams } from "./streams.ts";

export interface Feed {
  readonly streams: (library: Library) => Streams;
  /** An entry was committed: it shall be numbered at once. */
  readonly sequence: () => void;
  readonly start: () => void;
  readonly stop: () => Promise<void>;
}

export interface FeedPorts {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
}

export function createFeed(ports: FeedPorts): Feed {
  const { store, bus, clock } = ports;
  const sequencer = createLoop(ports, "sequencer", createSequencer(store.feed, bus, clock));
  const tail = createFeedTail(store, () => follower.wake());
  const follower = createLoop(ports, "feed", tail.round);
  bus.subscribe("feed", follower.wake);
  return {
    streams: (library) => createStreams({ ...ports, library, tail }),
    sequence: sequencer.wake,
    start: () => {
      sequencer.start();
      follower.start();
    },
    stop: async () => {
      await Promise.all([sequencer.stop(), follower.stop()]);
    },
  };
}
