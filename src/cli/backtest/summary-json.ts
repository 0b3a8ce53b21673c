/** What a backtest came to, for programs: all of its counts, and why in every language there is. */

import type { Executable } from "../../../machines/compile/executable.ts";
import type { BacktestSummary } from "../../audit/backtest/tally.ts";
import { whyRefused } from "../../runtime/reasons.ts";

export function summaryJson(summary: BacktestSummary, candidate: Executable): string {
  const { refusals, versions, ...rest } = summary;
  const { process, version, digest } = candidate;
  const answer = {
    definition: { process, version, digest },
    ...rest,
    versions: versions.map(([name, histories]) => ({ version: name, histories })),
    refusals: refusals.map(({ refusal, count, examples }) => {
      const { event, rejected, order, isDecided } = refusal;
      const { code, detail, because, pointer, errors } = rejected;
      const why = order === null ? null : whyRefused(candidate, order, event, rejected);
      return {
        ...{ event, code, detail, because, pointer, errors, why, decided: isDecided },
        state: order?.snapshot.value ?? null,
        ...{ count, examples },
      };
    }),
  };
  return `${JSON.stringify(answer, null, 2)}\n`;
}
