/**
 * The same machine as a Restate virtual object: one key per order, its state Restate's own. With OUTBOX=1 every transition
 * sends a message to another service, durable with the transition, as our outbox row is.
 */

import * as restate from "@restatedev/restate-sdk";
import { initialTransition, transition } from "xstate";
import { orderData, xstateMachine } from "../step-definition.ts";
import { peerEnvironment } from "./peer-environment.ts";

const isTelling = process.env["OUTBOX"] === "1";
const machine = xstateMachine();
const [started] = initialTransition(machine, orderData);

interface NextEvent {
  readonly type: "NEXT";
  readonly amount: number;
}

const visit = restate.object({
  name: "visit",
  handlers: {
    next: async (ctx: restate.ObjectContext, event: NextEvent) => {
      const stored = await ctx.get("state");
      const before = stored === null ? started : machine.resolveState(stored);
      if (!before.can(event)) throw new restate.TerminalError("not enabled", { errorCode: 409 });
      const [after] = transition(machine, before, event);
      ctx.set("state", machine.getPersistedSnapshot(after));
      if (isTelling) ctx.serviceSendClient(outbox).notify({ count: after.context.count });
      return { state: after.value, data: after.context };
    },
  },
});

const outbox = restate.service({
  name: "outbox",
  handlers: { notify: async (_ctx: restate.Context, _params: object) => Promise.resolve() },
});

await restate.serve({ services: [visit, outbox], port: peerEnvironment().port });
process.send?.("ready");
