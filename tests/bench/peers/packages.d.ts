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
