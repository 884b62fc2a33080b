import { lookup, Resolver } from 'node:dns/promises';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { connect as connectPlain, type LookupFunction, type Socket, type TcpNetConnectOpts } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { faultOfStatus, type HookFault } from '../../domain/hooks.ts';
import { addressIn, allowedUrl, mayReach, type Reach } from './guard.ts';

/** What is sent to a receiver. */
export interface Message {
  body: string;
  headers: Record<string, string>;
}

/** Finds all addresses of a name. */
export type Resolve = (name: string, signal: AbortSignal) => Promise<string[]>;

export interface Posting {
  reach: Reach;
  /** For the whole exchange, from the first look at the name to the last byte of the answer. */
  timeoutMs?: number;
  resolve?: Resolve;
  /** Opens the connection. */
  dial?: (options: TcpNetConnectOpts & { servername?: string }, secure: boolean) => Socket;
  /** Aborts when the process has no more time. */
  signal?: AbortSignal;
}

/** How it ended: null where the receiver took the message. */
export type Posted = HookFault | null;

const mostRead = 64 * 1024;

/**
 * Sends a message to a receiver and answers how it ended. The name is looked up once, every address it has must be one
 * we may reach, and the connection goes to one of just those. Redirects are not followed, of the answer only the status
 * counts, and nothing takes longer than the time allowed. Throws only when `signal` aborts.
 */
export async function post(target: string, message: Message, posting: Posting): Promise<Posted> {
  const { reach, timeoutMs = 5_000, resolve = resolverFor(reach), dial = dialDirectly, signal } = posting;
  const url = allowedUrl(target, reach);
  if (url === null) return 'address';
  const over = new AbortController();
  const stop = () => over.abort();
  const clock = setTimeout(stop, timeoutMs);
  signal?.addEventListener('abort', stop);
  try {
    signal?.throwIfAborted();
    const addresses = await addressesOf(url, resolve, over.signal);
    if (addresses.length === 0) return 'name';
    if (!addresses.every((one) => mayReach(one, reach))) return 'private';
    return faultOfStatus(await exchange(url, addresses, message, dial, over.signal));
  } catch (error) {
    signal?.throwIfAborted();
    return over.signal.aborted ? 'timeout' : faultOf(error as NodeJS.ErrnoException);
  } finally {
    clearTimeout(clock);
    signal?.removeEventListener('abort', stop);
  }
}

async function addressesOf(url: URL, resolve: Resolve, over: AbortSignal): Promise<string[]> {
  const address = addressIn(url);
  if (address !== null) return [address];
  return orAborted(resolve(url.hostname, over), over);
}

/** The status of the answer; what follows it is read as far as politeness asks, and thrown away. */
function exchange(
  url: URL,
  addresses: string[],
  { body, headers }: Message,
  dial: NonNullable<Posting['dial']>,
  signal: AbortSignal,
): Promise<number> {
  const secure = url.protocol === 'https:';
  const host = addressIn(url) ?? url.hostname;
  const port = Number(url.port || (secure ? 443 : 80));
  return new Promise((resolve, reject) => {
    let status: number | null = null;
    const request = (secure ? requestHttps : requestHttp)({
      method: 'POST',
      host,
      port,
      path: url.pathname + url.search,
      headers: { ...headers, host: url.host, 'content-length': Buffer.byteLength(body), connection: 'close' },
      signal,
      createConnection: () =>
        dial(
          {
            host,
            port,
            lookup: pinnedTo(addresses),
            autoSelectFamily: true,
            ...(addressIn(url) === null && { servername: url.hostname.replace(/\.$/, '') }),
          },
          secure,
        ),
    });
    const settle = (error?: Error) => {
      request.destroy();
      if (status !== null) resolve(status);
      else reject(error ?? new Error('the connection was closed'));
    };
    request.on('response', (answer) => {
      status = answer.statusCode ?? 0;
      let read = 0;
      answer.on('data', (chunk: Buffer) => {
        read += chunk.length;
        if (read > mostRead) settle();
      });
      answer.on('end', () => settle());
      answer.on('error', settle);
    });
    request.on('upgrade', () => settle(new Error('the receiver wants another protocol')));
    request.on('error', settle);
    request.on('close', () => settle());
    request.end(body);
  });
}

/** Answers with the checked addresses whatever is asked, so that no second look at the name can lead elsewhere. */
function pinnedTo(addresses: string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  return (_name, { all: wantsAll }, done) => {
    if (wantsAll) done(null, all);
    else done(null, all[0]!.address, all[0]!.family);
  };
}

function dialDirectly(options: TcpNetConnectOpts & { servername?: string }, secure: boolean): Socket {
  return secure ? connectTls(options) : connectPlain(options);
}

/**
 * On the open internet names are asked of the name servers themselves: the system's own look-up can neither be cut
 * short nor run often at once, so that slow name servers of a few would hold up everything. Inside, names may stand in
 * the hosts file.
 */
function resolverFor(reach: Reach): Resolve {
  return reach === 'inside' ? systemLookup : askNameServers;
}

async function systemLookup(name: string): Promise<string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}

async function askNameServers(name: string, signal: AbortSignal): Promise<string[]> {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  const cancel = () => resolver.cancel();
  signal.addEventListener('abort', cancel);
  try {
    const found = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    return found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

function faultOf({ code = '', syscall }: NodeJS.ErrnoException): HookFault {
  if (syscall === 'getaddrinfo' || /^E(NOTFOUND|AI_AGAIN|NODATA)$/.test(code)) return 'name';
  if (/CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS/.test(code)) return 'certificate';
  return code.startsWith('HPE_') ? 'odd' : 'connection';
}
