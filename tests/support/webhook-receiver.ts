/** A receiver as an integrator would write it: the official libraries verify each delivery and parse its event. */

import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { CloudEvent, HTTP } from "cloudevents";
import { Webhook } from "standardwebhooks";

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly event: CloudEvent<ReturnType<typeof JSON.parse>>;
}

/** @throws when the signature does not verify, or the body is no CloudEvent by the letter of the specification */
export function received(secret: string, headers: IncomingHttpHeaders, body: string): Received {
  const flat = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, String(value)]),
  );
  new Webhook(secret).verify(body, flat);
  const message = HTTP.toEvent({ headers: flat, body });
  if (Array.isArray(message)) throw new Error("expected one event, found a batch");
  // The SDK is lenient when it reads; made anew, an event is judged strictly.
  const event = new CloudEvent<ReturnType<typeof JSON.parse>>(JSON.parse(body), true);
  event.validate();
  if (event.id !== flat["webhook-id"]) throw new Error("expected the event's id as webhook-id");
  return { headers, event };
}

export interface Listener {
  readonly url: string;
  readonly requests: readonly { readonly headers: IncomingHttpHeaders; readonly body: string }[];
  readonly close: () => Promise<void>;
}

/** A server on a socket of its own, answering as told. */
export async function listener(
  answer: (response: ServerResponse, body: string) => void,
  host = "127.0.0.1",
): Promise<Listener> {
  const requests: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
  const server = createServer((request, response) => {
    void text(request).then(
      (body) => {
        requests.push({ headers: request.headers, body });
        answer(response, body);
      },
      () => undefined,
    );
  });
  server.listen(0, host);
  await once(server, "listening");
  const { port } = portOf(server.address());
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}/hook`,
    requests,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function portOf(address: AddressInfo | string | null): AddressInfo {
  if (typeof address === "object" && address !== null) return address;
  throw new Error("expected an address with a port");
}
