/** Reads `If-Match` and `If-None-Match` into the revisions that the caller knows (RFC 9110 sections 13.1.1 and 13.1.2). */

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
  const tags = entityTags(header);
  if (tags === null) return { kind: "malformed" };
  const revisions = tags
    .filter(({ weak, value }) => !weak && REVISION.test(value))
    .map(({ value }) => Number(value));
  return revisions.length === 0 ? { kind: "never" } : { kind: "revisions", revisions };
}

/** Tags compare weakly. @returns whether the caller has this revision; null when the header can't be read */
export function hasRevision(header: string | undefined, revision: number): boolean | null {
  if (header === undefined) return false;
  if (header.trim() === "*") return true;
  const tags = entityTags(header);
  return tags === null ? null : tags.some(({ value }) => value === String(revision));
}

/** The newest revision that the caller says it has seen; 0: none that can be read. */
export function newestRevision(header: string | undefined): number {
  const tags = header === undefined ? null : entityTags(header);
  const revisions = (tags ?? []).flatMap(({ value }) =>
    REVISION.test(value) ? [Number(value)] : [],
  );
  return Math.max(0, ...revisions);
}

interface EntityTag {
  readonly weak: boolean;
  readonly value: string;
}

/** @returns null when it is no list of entity tags */
function entityTags(header: string): readonly EntityTag[] | null {
  const tags: EntityTag[] = [];
  for (ENTITY_TAG.lastIndex = 0; ;) {
    const [found, weak, value, end] = ENTITY_TAG.exec(header) ?? [];
    if (found === undefined) return null;
    if (value !== undefined) tags.push({ weak: weak !== undefined, value });
    if (end === "") return tags.length === 0 ? null : tags;
  }
}

export function entityTag(revision: number): string {
  return `"${revision}"`;
}
