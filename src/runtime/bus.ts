/** Tells whoever waits on any server that there is news of a topic. A wake may be lost or idle: look by yourself too. */

import { MAX_WORD_BYTES, type Listening, type Signals } from "../store/contracts/signals.ts";
import { uuidv7 } from "./ids.ts";
import type { Clock, Log, Random } from "./ports.ts";

/** What there may be news of. No topic holds a line feed or is longer than `MAX_TOPIC_LENGTH`; such a one wakes locally only. */
export type Topic =
  /** A timer was set, and is due before the loop would look. */
  | "timers"
  /** A job for the engine's own built-ins was opened or offered again. */
  | "builtin-jobs"
  /** The feed has new entries. */
  | "feed"
  /** A checkpoint of the log was signed. */
  | "checkpoints"
  /** A webhook has something to deliver. */
  | "deliveries"
  /** A message waits for an order, or an order for a message. */
  | "messages"
  /** A job of this type was opened or offered again. */
  | `job:${string}`;

export interface Bus {
  /** Call it after the commit: here it wakes at once, on other servers within milliseconds. */
  readonly publish: (topics: readonly Topic[]) => void;
  /** @param wake called synchronously: it must be quick, and must not throw @returns what ends the subscription */
  readonly subscribe: (topic: Topic, wake: () => void) => () => void;
  /** Begins to hear other servers, and to be heard by them. */
  readonly start: () => void;
  readonly stop: () => Promise<void>;
}

export interface BusPorts {
  readonly signals: Signals;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const MAX_TOPIC_LENGTH = 500;
/** More than these at once are told as one word that wakes everybody. */
const MAX_TOPICS = 500;
const EVERYTHING = "*";
/** What is published within this time after a word goes as the next one. */
const GATHER_MS = 5;

export function createBus({ signals, clock, random, log }: BusPorts): Bus {
  const self = uuidv7({ clock, random });
  const stopping = new AbortController();
  const subscribers = new Map<string, Set<() => void>>();
  const waiting = new Set<string>();
  let listening: Listening | null = null;
  let telling: Promise<void> | null = null;

  const wake = (topic: string): void => {
    for (const each of subscribers.get(topic) ?? []) each();
  };
  const wakeAll = (): void => {
    for (const topic of subscribers.keys()) wake(topic);
  };
  const hear = (word: string | null): void => {
    if (word === null) {
      log.info({}, "other servers are heard");
      wakeAll();
      return;
    }
    const [sender, ...topics] = word.split("\n");
    if (sender === self) return;
    if (topics.includes(EVERYTHING)) wakeAll();
    else for (const topic of topics) wake(topic);
  };
  const tell = async (): Promise<void> => {
    while (waiting.size > 0 && !stopping.signal.aborted) {
      const topics = waiting.size > MAX_TOPICS ? [EVERYTHING] : [...waiting];
      waiting.clear();
      // Other servers look by themselves, if later.
      await signals.send(words(self, topics)).catch((err: unknown) => {
        log.warn({ err }, "other servers could not be woken");
      });
      await clock.sleep(GATHER_MS, stopping.signal);
    }
    telling = null;
  };

  return {
    publish: (topics) => {
      for (const topic of topics) {
        wake(topic);
        if (listening !== null && isTellable(topic)) waiting.add(topic);
      }
      if (waiting.size > 0) telling ??= tell();
    },
    subscribe: (topic, onNews) => {
      // One function may be subscribed twice, and unsubscribed once.
      const each = (): void => onNews();
      const those = subscribers.get(topic) ?? new Set();
      subscribers.set(topic, those.add(each));
      return () => {
        those.delete(each);
        if (those.size === 0 && subscribers.get(topic) === those) subscribers.delete(topic);
      };
    },
    start: () => {
      listening ??= signals.listen(hear);
    },
    stop: async () => {
      stopping.abort();
      await telling;
      await listening?.stop();
    },
  };
}

function isTellable(topic: string): boolean {
  return topic.length <= MAX_TOPIC_LENGTH && !topic.includes("\n");
}

/** As many topics to a word as it holds. */
function words(self: string, topics: readonly string[]): readonly string[] {
  const made: string[] = [];
  let word = self;
  for (const topic of topics) {
    const longer = `${word}\n${topic}`;
    if (Buffer.byteLength(longer) > MAX_WORD_BYTES) {
      made.push(word);
      word = `${self}\n${topic}`;
    } else {
      word = longer;
    }
  }
  return [...made, word];
}
