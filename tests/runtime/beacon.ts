/** A process that has much to tell: each event of it sends a dozen messages. */

export const EFFECTS = 12;

const notify = `{ type: notify, params: { message: hello, to: = keeper } }`;

export const BEACON = `
process: beacon
version: 1.0.0
title: Beacon
roles: [keeper]
data:
  type: object
  required: [keeper]
  properties: { keeper: { type: string, x-personal: true }, blinks: { type: number, default: 0 } }
events: { BLINK: { by: [keeper] }, SINK: { by: [keeper] } }
effects: { notify: { payload: { type: object, properties: { message: { type: string }, to: { type: string } } } } }
messages:
  hello: { en: "Hello {{ keeper }}, blink {{ blinks }}.", zh: "{{ keeper }}，您好" }
machine:
  initial: lit
  states:
    lit:
      on:
        BLINK:
          actions:
            - { type: assign, params: { blinks: = blinks + 1 } }
${Array.from({ length: EFFECTS }, () => `            - ${notify}`).join("\n")}
        SINK: sunk
    sunk: { type: final, meta: { outcome: sunk } }
`;
