/** Names of tables and columns in SQLite, which tells no capitals from small letters. */

export interface Names {
  /** The same name for the same text, and no other text's. */
  readonly of: (text: string) => string;
}

/** @param taken names that no text gets */
export function createNames(taken: readonly string[]): Names {
  const used = new Set(taken.map((name) => name.toLowerCase()));
  const known = new Map<string, string>();
  return {
    of: (text) => {
      const before = known.get(text);
      if (before !== undefined) return before;
      let name = text;
      for (let count = 2; used.has(name.toLowerCase()); count += 1) name = `${text}_${count}`;
      used.add(name.toLowerCase());
      known.set(text, name);
      return name;
    },
  };
}

/** For a name that tools may put into a statement as it is. */
export function plain(text: string): string {
  return text.replaceAll(/[^\p{L}\p{Nd}_]/gu, "_");
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
