/** Orders the files of a process by the version in their names (semver.org, clause 11, pre-releases first). */

const VERSION = /^(\d+)\.(\d+)\.(\d+)(-[0-9A-Za-z.-]+?)?(?=\.)/;

export function byVersion(one: string, other: string): number {
  const [a, b] = [VERSION.exec(one), VERSION.exec(other)];
  for (const place of [1, 2, 3]) {
    const difference = Number(a?.[place] ?? 0) - Number(b?.[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return rank(a?.[4]) - rank(b?.[4]) || one.localeCompare(other, "en");
}

function rank(preRelease: string | undefined): number {
  return preRelease === undefined ? 1 : 0;
}
