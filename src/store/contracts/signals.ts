/** Short words between the servers of one database. They only wake: one that is lost costs latency, never work. */

export interface Signals {
  /** Reaches whoever listens on this database, the sender too. Nothing is sent while the sender itself does not listen. */
  readonly send: (words: readonly string[]) => Promise<void>;
  /** @param heard null: words may have been missed, as before the first connection and after each one that broke */
  readonly listen: (heard: (word: string | null) => void) => Listening;
}

export interface Listening {
  /** Hears nothing more from now on; resolves when its connection is given back. */
  readonly stop: () => Promise<void>;
}

/** What a word may measure in UTF-8: Postgres takes less than 8,000 bytes. */
export const MAX_WORD_BYTES = 7_900;
