import fc from "fast-check";
import { expect, test } from "vitest";
import {
  EngineRefusal,
  executableOf,
  ROUTES,
  sendToOrder,
  startOrder,
  type Route,
  type Seen,
} from "./engine.ts";
import { randomRuns, VOCABULARY, type RandomRun } from "./random-charts.ts";
import { EndlessMacrostep, leavesOf, sendEvent, startChart, type Macrostep } from "./scxml.ts";

const routes = Object.keys(ROUTES).filter((route): route is Route => route in ROUTES);

function expected({ configuration, trace, taken }: Macrostep): Seen {
  return {
    state: leavesOf(configuration),
    done: !configuration.running,
    refused: !taken,
    trace: trace.join(" "),
  };
}

/** Null when the macrostep never comes to rest. */
function unlessEndless(run: () => Macrostep): Macrostep | null {
  try {
    return run();
  } catch (error) {
    if (error instanceof EndlessMacrostep) return null;
    throw error;
  }
}

function expectAgreement({ machine, events }: RandomRun): void {
  const executable = executableOf(machine, VOCABULARY);
  let step = unlessEndless(() => startChart(machine));
  if (step === null) {
    expect(() => startOrder(executable)).toThrow(EngineRefusal);
    return;
  }
  let run = startOrder(executable);
  expect(run.seen).toEqual(expected(step));
  for (const event of events) {
    const { configuration } = step;
    const { order } = run;
    step = unlessEndless(() => sendEvent(configuration, event));
    if (step === null) {
      expect(() => sendToOrder(executable, order, event, "memory")).toThrow(EngineRefusal);
      return;
    }
    for (const route of routes) {
      run = sendToOrder(executable, order, event, route);
      expect(run.seen, `${event} by way of ${route}`).toEqual(expected(step));
    }
  }
}

test("random charts move in the engine as the algorithm says, whichever way the order comes back", () => {
  fc.assert(fc.property(randomRuns(), expectAgreement), { numRuns: 200 });
});
