import http, { type RequestListener } from 'node:http';
import { duplexPair } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Answer } from './page.ts';

const ofTheConnection = ['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding'];
const separator = Buffer.from('\r\n\r\n');

/**
 * Asks a listener what it answers to a GET of a client that takes no compression, over a wire that never leaves the
 * process. Not by Fastify's `inject`: its response is one of another shape than Node's, and once a process has made such
 * ones, every answer that it gives costs it a seventh more. Throws when the answer breaks off.
 */
export function openWire(listener: RequestListener): (url: string) => Promise<Answer> {
  const server = http.createServer(listener); // nobody else comes to it: it never listens
  return async (url) => {
    const [ours, its] = duplexPair();
    its.once('close', () => ours.destroy(new Error('the answer broke off'))); // neither end sees the other one go
    server.emit('connection', its);
    ours.write(`GET ${url} HTTP/1.0\r\n\r\n`);
    try {
      return readAnswer(await buffer(ours));
    } finally {
      ours.destroy();
      its.destroy();
    }
  };
}

/** An answer of HTTP/1.0 lasts until the connection's end. */
function readAnswer(bytes: Buffer): Answer {
  const end = bytes.indexOf(separator);
  const [first = '', ...lines] = bytes.toString('latin1', 0, Math.max(end, 0)).split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]);
  const all = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  const body = bytes.subarray(end + separator.length);
  const length = all.find(([name]) => name === 'content-length')?.[1];
  if (!status || (length !== undefined && Number(length) !== body.length))
    throw new Error(`the answer broke off after ${bytes.length} bytes`);
  return { status, headers: all.filter(([name]) => !ofTheConnection.includes(name)), body };
}
