/** What a server that gives nothing says, as whoever asked shall read it. */

import { isJsonObject } from "../../../machines/json.ts";
import { NoAnswerError, ProblemError } from "../../client/client.ts";
import { NoHistories } from "./histories.ts";

/** @throws {NoHistories} when nobody answers, or the token's holder is refused */
export async function toldBy<T>(asking: () => Promise<T>): Promise<T> {
  try {
    return await asking();
  } catch (error) {
    if (error instanceof ProblemError) throw new NoHistories(error.problem.detail);
    if (error instanceof NoAnswerError) throw new NoHistories(error.message);
    throw error;
  }
}

export function refusedBy(answer: unknown): NoHistories {
  const detail = isJsonObject(answer) ? answer["detail"] : undefined;
  return new NoHistories(typeof detail === "string" ? detail : "the server gives no history");
}
