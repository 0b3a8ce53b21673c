/** A small process that has one of everything the runtime deals with: timers, jobs, persons, items, roles, an end. */

export const PARCEL = `
process: parcel
version: 1.0.0
title: { en: A parcel on its way, zh: 包裹 }
roles: [clerk, courier, lead]
data:
  type: object
  required: [recipient]
  properties:
    recipient: { type: string, minLength: 1, x-personal: true }
    phone: { type: object, x-personal: true, required: [number], properties: { number: { type: string } } }
    weight: { type: number, default: 1 }
    tries: { type: number, default: 0 }
    broken: { type: boolean, default: false }
    slot: { type: object, properties: { resources: { type: array, items: { type: string } }, from: { type: string, format: date-time }, to: { type: string, format: date-time } } }
    problem: { type: string }
events:
  HAND_OVER: { title: { en: Hand over, zh: 交接 }, by: [clerk] }
  WEIGH: { by: [clerk, lead], payload: { type: object, required: [weight], properties: { weight: { type: number, exclusiveMinimum: 0 } } } }
  NOTE: { by: [clerk, courier], payload: { type: object, required: [note, text], properties: { note: { type: string }, text: { type: string, x-personal: true, maxLength: 40 } } } }
  CLOSE_NOTE: { item: notes, by: [clerk, courier], payload: { type: object, required: [note], properties: { note: { type: string } } } }
  BOOK: { by: [clerk], payload: { type: object, required: [resources, from, to], properties: { resources: { type: array, items: { type: string } }, from: { type: string, format: date-time }, to: { type: string, format: date-time } } } }
  CALL_OFF: { by: [clerk] }
  DELIVER: { by: [courier] }
  BREAK: { by: [clerk] }
  REPAIR: { by: [clerk] }
effects:
  notify: { payload: { type: object, properties: { message: { type: string }, to: { type: string } } } }
messages:
  hello: { en: "Hello {{ recipient }}, it weighs {{ weight }}.", zh: "{{ recipient }} 您好" }
jobs:
  book:
    builtin: slot.reserve
    retries: 1
    backoff: PT1S
    input: { type: object, required: [resources, from, to], properties: { resources: { type: array, items: { type: string } }, from: { type: string }, to: { type: string } } }
    output: { type: object, properties: { reservation: { type: string }, resources: { type: array, items: { type: string } }, from: { type: string }, to: { type: string } } }
items:
  notes:
    key: note
    data: { type: object, properties: { note: { type: string }, text: { type: string, x-personal: true } } }
    machine:
      initial: open
      states:
        open: { on: { CLOSE_NOTE: closed }, after: { PT2H: closed } }
        closed: { type: final }
machine:
  initial: desk
  on:
    NOTE: { actions: [ { type: open, params: { in: notes, value: = event } } ] }
    BREAK: { actions: [ { type: assign, params: { broken: true } } ] }
    REPAIR: { actions: [ { type: assign, params: { broken: false } } ] }
  states:
    desk:
      meta: { step: intake }
      tags: [waiting]
      on:
        WEIGH: { actions: [ { type: assign, params: { weight: = event.weight } } ] }
        HAND_OVER: { target: road, actions: [ { type: notify, params: { message: hello, to: = recipient } } ] }
        BOOK: { target: booking, actions: [ { type: assign, params: { slot: = event } } ] }
    booking:
      meta: { step: intake }
      on: { CALL_OFF: desk }
      invoke:
        src: book
        input: { resources: = slot.resources, from: = slot.from, to: = slot.to }
        onDone: { target: desk, actions: [ { type: assign, params: { problem: none } } ] }
        onError: { target: desk, actions: [ { type: assign, params: { problem: = event.error.code } } ] }
    road:
      meta: { step: transport }
      initial: moving
      on:
        DELIVER: delivered
      states:
        moving:
          after:
            PT1H: { target: late, actions: [ { type: assign, params: { tries: "= broken ? 1 / 0 : tries + 1" } } ] }
        late:
          tags: [overdue]
          meta: { step: chase }
          after: { PT24H: { target: moving } }
    delivered:
      type: final
      meta: { outcome: received }
`;
