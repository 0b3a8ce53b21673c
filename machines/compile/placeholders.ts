/** Splits a customer text at its placeholders, `{{ CEL }}`. */

/** Literal text, or the source of an expression. */
export type Piece = string | { readonly source: string };

export function splitPlaceholders(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (let open = text.indexOf("{{"); open >= 0; open = text.indexOf("{{", from)) {
    const close = text.indexOf("}}", open);
    if (close < 0) break;
    if (open > from) pieces.push(text.slice(from, open));
    pieces.push({ source: text.slice(open + 2, close).trim() });
    from = close + 2;
  }
  if (from < text.length) pieces.push(text.slice(from));
  return pieces;
}
