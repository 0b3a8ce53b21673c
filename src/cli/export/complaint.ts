/** What whoever asked is told when histories can't be read as a whole. */

import { ArchiveDetached, OrderDamaged } from "../../store/errors.ts";
import { NoHistories } from "../histories/histories.ts";
import type { ExportWords } from "./words.ts";

/** @throws what is a defect */
export function complaint(error: unknown, words: ExportWords): string {
  if (error instanceof OrderDamaged) return words.damaged(error.id, error.revision, error.field);
  if (error instanceof ArchiveDetached || error instanceof NoHistories) return error.message;
  // What `fetch` says when an answer ends in the middle.
  if (error instanceof TypeError && error.message === "terminated") return words.brokenOff;
  throw error;
}
