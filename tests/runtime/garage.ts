/** A small process for tests of human tasks: regions, items, history, a state entered from itself, a task for anybody. */

export const GARAGE = `
process: garage
version: 1.0.0
title: { en: A car in the garage, zh: 车辆维修 }
roles: [advisor, technician, customer]
data: { type: object, properties: { note: { type: string, default: "" }, broken: { type: boolean, default: false } } }
events:
  ACCEPT: { title: { en: Accept the car, zh: 接车 }, by: [advisor] }
  AGAIN: { by: [advisor] }
  NOTE: { by: [advisor], payload: { type: object, required: [note], properties: { note: { type: string } } } }
  BREAK: { by: [advisor] }
  START: { by: [technician] }
  FINISH: { by: [technician] }
  SIGN: { by: [advisor] }
  STOP: { by: [advisor] }
  RESUME: { by: [advisor] }
  PAY: { by: [customer, advisor], payload: { type: object, required: [amount], properties: { amount: { type: number } } } }
  ADD: { by: [technician], payload: { type: object, required: [line], properties: { line: { type: string } } } }
  APPROVE: { item: lines, by: [customer], payload: { type: object, required: [line], properties: { line: { type: string } } } }
  MAKE: { item: lines, by: [technician], payload: { type: object, required: [line], properties: { line: { type: string } } } }
  WITHDRAW: { item: lines, by: [technician], payload: { type: object, required: [line], properties: { line: { type: string } } } }
effects: { remind: { payload: { type: object, properties: { about: { type: string } } } } }
items:
  lines:
    key: line
    data: { type: object, properties: { line: { type: string } } }
    machine:
      initial: proposed
      on: { WITHDRAW: .gone }
      states:
        proposed:
          meta: { element: userTask, role: customer, title: { en: Added line, zh: 增项 } }
          on: { APPROVE: approved }
          after: { PT30M: { actions: { type: remind, params: { about: line } } } }
        approved: { meta: { element: userTask, role: technician }, on: { MAKE: made } }
        made: { type: final }
        gone: { type: final, meta: { element: userTask } }
machine:
  initial: reception
  states:
    reception:
      meta: { step: reception, element: userTask, role: advisor, title: { en: Reception, zh: 接待 } }
      tags: [waiting]
      on:
        ACCEPT: work
        AGAIN: { target: reception, reenter: true }
        NOTE: { actions: { type: assign, params: { note: = event.note } } }
        BREAK: { actions: { type: assign, params: { broken: true } } }
      after:
        PT1H: { actions: { type: remind, params: { about: reception } } }
        PT10M: { actions: { type: assign, params: { note: '= broken ? string(1 / 0) : "late"' } } }
    work:
      type: parallel
      meta: { step: repair }
      on:
        STOP: stopped
        ADD: { actions: { type: open, params: { in: lines, value: = event } } }
      onDone: paying
      states:
        hands:
          initial: todo
          on: { NOTE: { actions: { type: assign, params: { note: = event.note } } } }
          states:
            todo: { meta: { element: userTask, role: technician }, on: { START: doing }, after: { PT20M: { actions: { type: remind, params: { about: todo } } } } }
            doing: { meta: { element: userTask, role: technician }, tags: [moving], on: { FINISH: finished } }
            finished: { type: final, meta: { element: userTask } }
        papers:
          initial: form
          states:
            form: { meta: { element: userTask, role: advisor }, tags: [moving], on: { SIGN: signed } }
            signed: { type: final }
        back: { type: history, history: deep }
    stopped: { meta: { step: repair }, on: { RESUME: work.back } }
    paying:
      meta: { element: userTask, title: { en: Paying, zh: 付款 } }
      on: { PAY: { target: paid, guard: = event.amount > 0 } }
    paid: { type: final }
`;
