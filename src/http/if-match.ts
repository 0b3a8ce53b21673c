/** Reads `If-Match` into the revisions that the caller accepts (RFC 9110 section 13.1.1). */

/** `any`: no condition, or `*`, which an existing order always meets. `never`: only weak or foreign tags. */
export type Condition =
  | { readonly kind: "any" }
  | { readonly kind: "never" }
  | { readonly kind: "revisions"; readonly revisions: readonly number[] }
  | { readonly kind: "malformed" };

/** One entity tag and what follows it: a comma or the end. Empty list elements are allowed (RFC 9110 section 5.6.1). */
const ENTITY_TAG = /[ \t]*(?:(W\/)?"([\x21\x23-\x7e\x80-\xff]*)")?[ \t]*(,|$)/y;
const REVISION = /^[1-9]\d{0,15}$/;

/** Tags compare strongly: a weak one meets nothing. */
export function ifMatch(header: string | undefined): Condition {
  if (header === undefined || header.trim() === "*") return { kind: "any" };
  const tags: { readonly weak: boolean; readonly value: string }[] = [];
  for (ENTITY_TAG.lastIndex = 0; ;) {
    const [found, weak, value, end] = ENTITY_TAG.exec(header) ?? [];
    if (found === undefined) return { kind: "malformed" };
    if (value !== undefined) tags.push({ weak: weak !== undefined, value });
    if (end === "") break;
  }
  if (tags.length === 0) return { kind: "malformed" };
  const revisions = tags
    .filter(({ weak, value }) => !weak && REVISION.test(value))
    .map(({ value }) => Number(value));
  return revisions.length === 0 ? { kind: "never" } : { kind: "revisions", revisions };
}

export function entityTag(revision: number): string {
  return `"${revision}"`;
}
