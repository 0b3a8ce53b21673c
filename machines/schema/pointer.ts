/** JSON Pointers (RFC 6901): how a place in a document or a value is named. */

/** The pointer of `key` inside what `pointer` names. */
export function within(pointer: string, ...keys: readonly (string | number)[]): string {
  return pointer + keys.map((key) => `/${escapeKey(`${key}`)}`).join("");
}

function escapeKey(key: string): string {
  return key.includes("~") || key.includes("/")
    ? key.replaceAll("~", "~0").replaceAll("/", "~1")
    : key;
}
