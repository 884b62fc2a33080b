import http, { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { CannotStart } from './errors.ts';

/** The one socket that everybody comes to, whoever stands behind it. */
export interface FrontDoor {
  server: http.Server;
  /** Whoever answers from now on what is not answered at the door. */
  leadTo(app: RequestListener): void;
  /** Throws CannotStart where somebody else has the address already. */
  tryAddress(where: { host: string; port: number }): Promise<void>;
  /** Answers the address. Throws CannotStart with one line for the operator. */
  listen(where: { host: string; port: number }): Promise<string>;
  isOpen(): boolean;
  /** Where it is open. */
  address(): string;
  /** Takes nobody in any more, and waits for those who are inside. */
  close(): Promise<void>;
}

/** Slow, silent and endless senders are shown out in half a minute. */
const times = {
  requestTimeout: 20_000,
  headersTimeout: 15_000,
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 75_000, // longer than any balancer keeps one, and than a reader's next request waits in a crowd
};
// As many may knock at once, if the system's net.core.somaxconn allows it; whom it does not hear tries again seconds later.
const backlog = 16_384;
const silenceMs = 60_000;
const patienceMs = 4_000; // with those who are inside when it closes

/** Makes the server; `first` is asked before all others, and answers false for what is not its. */
export function openFrontDoor(
  first: (request: IncomingMessage, response: ServerResponse) => boolean = () => false,
): FrontDoor {
  let app: RequestListener = (_, response) => response.writeHead(503, { 'retry-after': '5' }).end();
  let isClosing = false;
  const server = http.createServer(times, (request, response) => {
    if (isClosing) response.shouldKeepAlive = false;
    if (!first(request, response)) app(request, response);
    // Whoever has taken all of it has nothing to be waited for, and a timer for each would cost as much as to look.
    if (!response.writableFinished) request.socket.setTimeout(silenceMs);
  });
  return {
    server,
    leadTo(next) {
      app = next;
    },
    isOpen: () => server.listening,
    address: () => addressOf(server),
    async tryAddress(where) {
      if (!server.listening) await openAndClose(where);
    },
    listen: ({ host, port }) =>
      new Promise((resolve, reject) => {
        server.once('error', (error) => reject(whyNot(error, host, port)));
        server.listen({ host, port, backlog }, () => resolve(addressOf(server)));
      }),
    close: () =>
      new Promise((resolve) => {
        isClosing = true;
        const impatient = setTimeout(() => server.closeAllConnections(), patienceMs);
        server.close(() => {
          clearTimeout(impatient);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

function openAndClose({ host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => reject(whyNot(error, host, port)));
    probe.listen({ host, port }, () => probe.close(() => resolve()));
  });
}

function addressOf(server: http.Server): string {
  const { address, port, family } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

function whyNot({ code, message }: NodeJS.ErrnoException, host: string, port: number): CannotStart {
  if (code === 'EADDRINUSE')
    return new CannotStart(
      `PORT ${port} on ${host} is in use by another process; stop that one, or set PORT.`,
    );
  if (code === 'EACCES')
    return new CannotStart(`PORT ${port} is not allowed to this user; set PORT to 1024 or more.`);
  return new CannotStart(`HOST ${host}, PORT ${port}: cannot listen there: ${message}`);
}
