import { describe, expect, test } from "vitest";
import { conformanceCharts, type ConformanceChart } from "./charts.ts";
import { executableOf, ROUTES, sendToOrder, startOrder, type Route, type Seen } from "./engine.ts";

const routes = Object.keys(ROUTES).filter((route): route is Route => route in ROUTES);

const shown = ({ trace, ...seen }: Seen, withTrace: boolean) => ({
  ...seen,
  ...(withTrace && { trace }),
});

function expectAsWritten({ machine, start, steps }: ConformanceChart, route: Route): void {
  const executable = executableOf(machine);
  let { order, seen } = startOrder(executable);
  expect(shown(seen, start.trace !== undefined)).toEqual({ refused: false, ...start });
  for (const { send, ...expected } of steps) {
    ({ order, seen } = sendToOrder(executable, order, send, route));
    expect(shown(seen, expected.trace !== undefined), `after ${send}`).toEqual(expected);
  }
}

describe.each(routes)("between two events by way of %s", (route) => {
  describe.each([...conformanceCharts()])("%s", (_, charts) => {
    test.each(charts.map((chart) => [chart.id, chart] as const))("%s", (_id, chart) =>
      expectAsWritten(chart, route),
    );
  });
});
