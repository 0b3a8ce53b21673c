/** Folds a line to a terminal's columns; colours take none, and Chinese characters two. */

import { columnsOf } from "../demo/width.ts";

/** What continues a line stands under its text, not under its label. */
const INDENT = " ".repeat(16);
/** A colour (ECMA-48 SGR), or one character. */
const PIECE = /\u001b\[\d+m|[^]/gu;

export function folded(line: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let current = "";
  let width = 0;
  for (const [piece] of line.matchAll(PIECE)) {
    const takes = piece.startsWith("\u001b") ? 0 : columnsOf(piece);
    if (width + takes > columns && width > INDENT.length) {
      lines.push(current);
      current = INDENT;
      width = INDENT.length;
    }
    current += piece;
    width += takes;
  }
  return [...lines, current];
}
