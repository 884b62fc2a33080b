import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { etagOf } from '../conditional.ts';

/** An answer as the app made it. */
export interface Made {
  headers: [name: string, value: string][];
  body: Buffer;
}

export const encodings = ['br', 'gzip', 'identity'] as const;
export type Encoding = (typeof encodings)[number];

/** An answer as it goes out: nothing is left to be done for it but to write it. */
export interface Prepared {
  etag: string;
  /** In milliseconds, to the second; null: its time says nothing. */
  lastModified: number | null;
  whole: Record<Encoding, { head: string[]; body: Buffer }>;
  /** For whoever has it already. */
  unchanged: string[];
  /** What it takes in memory. */
  bytes: number;
}

const brotli = promisify(brotliCompress);
const smaller = promisify(gzip);
const copy = (bytes: Buffer) => Buffer.from(bytes); // zlib's own lies in 16 kB, however short it is
const leastToCompress = 512;

/**
 * Makes an answer ready: compressed once, with its validators. `lastModified` is for an answer that names none itself;
 * null: it shall have none.
 */
export async function prepare({ headers, body }: Made, lastModified: number | null): Promise<Prepared> {
  const named = new Map(headers.map(([name, value]) => [name.toLowerCase(), value]));
  const etag = named.get('etag') ?? etagOf(body);
  named.set('etag', etag);
  const said = named.get('last-modified') ?? (lastModified && new Date(lastModified).toUTCString());
  if (said) named.set('last-modified', said);
  const vary = named.get('vary') ?? '';
  if (!/accept-encoding/i.test(vary))
    named.set('vary', vary === '' ? 'accept-encoding' : `${vary}, accept-encoding`);
  const head = [...named].flat();
  const [br, zipped] =
    body.length < leastToCompress
      ? [body, body]
      : await Promise.all([
          brotli(body, {
            params: { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_SIZE_HINT]: body.length },
          }).then(copy),
          smaller(body, { level: 6 }).then(copy),
        ]);
  const whole = (encoding: Encoding, bytes: Buffer) => ({
    head: [
      ...head,
      ...(bytes === body || encoding === 'identity' ? [] : ['content-encoding', encoding]),
      'content-length',
      String(bytes.length),
    ],
    body: bytes,
  });
  named.delete('content-type');
  return {
    etag,
    lastModified: said ? Date.parse(said) : null,
    whole: { br: whole('br', br), gzip: whole('gzip', zipped), identity: whole('identity', body) },
    unchanged: [...named].flat(),
    bytes: body.length + br.length + zipped.length + 4_000,
  };
}
