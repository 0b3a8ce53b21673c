/** The checkpoints in a text of signed notes with an empty line behind each; what is half written between them is passed over. */

/** As a checkpoint is written: four lines, an empty one, and signatures. */
const NOTE = /(?<=^|\n)[^\n]+\n\d+\n[^\n]+\ntime [^\n]+\n\n(?:\u2014 [^\n]+\n)+/g;

export function notesIn(text: string): readonly string[] {
  return [...text.matchAll(NOTE)].map(([note]) => note);
}
