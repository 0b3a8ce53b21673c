import { describe, expect, test } from "vitest";
import { conformanceCharts } from "./charts.ts";
import { leavesOf, sendEvent, startChart, type Macrostep } from "./scxml.ts";

const seen = ({ configuration, trace, taken }: Macrostep, withTrace: boolean) => ({
  state: leavesOf(configuration),
  done: !configuration.running,
  refused: !taken,
  ...(withTrace && { trace: trace.join(" ") }),
});

describe.each([...conformanceCharts()])("the specification on %s", (_, charts) => {
  test.each(charts.map((chart) => [chart.id, chart] as const))(
    "%s",
    (_id, { machine, start, steps }) => {
      let step = startChart(machine);
      expect(seen(step, start.trace !== undefined)).toEqual({ refused: false, ...start });
      for (const { send, ...expected } of steps) {
        step = sendEvent(step.configuration, send);
        expect(seen(step, expected.trace !== undefined), `after ${send}`).toEqual(expected);
      }
    },
  );
});
