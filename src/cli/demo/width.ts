/** Breaks text into lines of a terminal's columns, where Chinese characters take two. */

/** East Asian wide and full-width blocks (Unicode TR 11), and pictures. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += WIDE.test(character) ? 2 : 1;
  return columns;
}

export function padded(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - columnsOf(text)));
}

/** Lines break at spaces, and before any wide character; a word longer than a line is left whole. */
export function wrapped(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const piece of piecesOf(text)) {
    if (line !== "" && columnsOf(line + piece.trimEnd()) > columns) {
      lines.push(line.trimEnd());
      line = "";
    }
    line += line === "" ? piece.trimStart() : piece;
  }
  return line === "" ? lines : [...lines, line.trimEnd()];
}

/** Closing punctuation stays with what it closes. */
const CLOSING = /^[，。；：！？、）》」』”’…]/u;

function piecesOf(text: string): readonly string[] {
  const pieces: string[] = [];
  for (const word of text.match(/\S+\s*/g) ?? []) {
    let piece = "";
    for (const character of word) {
      const breaks = WIDE.test(character) && !CLOSING.test(character);
      if (breaks && piece !== "") {
        pieces.push(piece);
        piece = "";
      }
      piece += character;
    }
    pieces.push(piece);
  }
  return pieces;
}
