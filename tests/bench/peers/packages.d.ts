/** The little of the peers' packages that their servers use: they are installed beside the tree, never in it. */

declare module "@dbos-inc/dbos-sdk" {
  export const DBOS: {
    readonly setConfig: (config: {
      readonly name: string;
      readonly systemDatabaseUrl: string;
      readonly systemDatabasePoolSize: number;
      readonly logLevel: string;
    }) => void;
    readonly launch: () => Promise<void>;
    readonly registerWorkflow: <Arguments extends readonly unknown[], Result>(
      work: (...parameters: Arguments) => Promise<Result>,
      config: { readonly name: string },
    ) => (...parameters: Arguments) => Promise<Result>;
    readonly runStep: <Result>(
      work: () => Promise<Result>,
      config: { readonly name: string },
    ) => Promise<Result>;
    readonly startWorkflow: <Arguments extends readonly unknown[]>(
      work: (...parameters: Arguments) => Promise<unknown>,
      config: { readonly workflowID: string },
    ) => (...parameters: Arguments) => Promise<unknown>;
    readonly send: (id: string, message: object, topic: string, key: string) => Promise<void>;
    readonly recv: <Message>(topic: string, timeoutSeconds: number) => Promise<Message | null>;
    readonly setEvent: (key: string, value: unknown) => Promise<void>;
    readonly getEvent: <Value>(id: string, key: string) => Promise<Value | null>;
    readonly writeStream: (name: string, value: object) => Promise<void>;
  };
}

declare module "bpmn-engine" {
  import type { EventEmitter } from "node:events";

  export interface WaitingActivity {
    readonly id: string;
    readonly type: string;
    readonly signal: (message: object) => void;
  }
  export interface Definition {
    readonly environment: { readonly variables: { [name: string]: unknown } };
    readonly getState: () => object;
  }
  export class Engine {
    constructor(options: {
      readonly source: string;
      readonly variables: object;
      readonly settings: { readonly disableTrackState: boolean };
    });
    execute(options: {
      readonly listener: EventEmitter;
    }): Promise<{ readonly definitions: readonly Definition[] }>;
  }
}

declare module "@restatedev/restate-sdk" {
  export type Context = object;
  export interface ObjectContext {
    readonly get: (name: string) => Promise<{
      readonly value: string;
      readonly context: object;
    } | null>;
    readonly set: (name: string, value: unknown) => void;
    readonly serviceSendClient: <Parameters>(service: Service<Parameters>) => {
      readonly notify: (parameters: Parameters) => void;
    };
  }
  export interface Service<Parameters> {
    readonly notified?: Parameters;
  }
  export class TerminalError extends Error {
    constructor(message: string, options: { readonly errorCode: number });
  }
  export function object<Event>(definition: {
    readonly name: string;
    readonly handlers: {
      readonly next: (ctx: ObjectContext, event: Event) => Promise<unknown>;
    };
  }): object;
  export function service<Parameters>(definition: {
    readonly name: string;
    readonly handlers: {
      readonly notify: (ctx: Context, parameters: Parameters) => Promise<void>;
    };
  }): Service<Parameters>;
  export function serve(options: {
    readonly services: readonly object[];
    readonly port: number;
  }): Promise<number>;
}
