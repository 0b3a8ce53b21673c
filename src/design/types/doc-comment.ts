/** Puts sentences into a TSDoc comment that no sentence can break out of. */

/** @returns the comment's lines, none when there is nothing to say; a sentence may hold line breaks */
export function docComment(sentences: readonly string[], indent: number): readonly string[] {
  const lines = sentences
    .flatMap((sentence) => sentence.split(/\r\n|[\n\r\u2028\u2029]/))
    .map((line) => line.trim().replaceAll("*/", "*\\/"))
    .filter((line) => line !== "");
  const [only, ...others] = lines;
  const margin = " ".repeat(indent);
  if (only === undefined) return [];
  if (others.length === 0) return [`${margin}/** ${only} */`];
  return [`${margin}/**`, ...lines.map((line) => `${margin} * ${line}`), `${margin} */`];
}
