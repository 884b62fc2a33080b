import type { IncomingMessage, ServerResponse } from 'node:http';
import { hasItAlready } from '../conditional.ts';
import type { Answer } from './page.ts';
import type { Encoding, Prepared } from './prepare.ts';

/** Writes a prepared answer, or 304 to whoever has it already; true in the latter case. */
export function send(page: Prepared, request: IncomingMessage, response: ServerResponse): boolean {
  const { headers } = request;
  const conditional = headers['if-none-match'] !== undefined || headers['if-modified-since'] !== undefined;
  if (conditional && hasItAlready(headers, page.etag, page.lastModified)) {
    response.writeHead(304, page.unchanged).end();
    return true;
  }
  const { head, body } = page.whole[encodingFor(headers['accept-encoding'] ?? '')];
  response.writeHead(200, head);
  if (request.method === 'HEAD') response.end();
  else response.end(body);
  return false;
}

/** Writes what is no page. */
export function sendFailure(
  { status, headers, body }: Answer,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  response.writeHead(status, [...headers.flat(), 'content-length', String(body.length)]);
  if (request.method === 'HEAD') response.end();
  else response.end(body);
}

const chosen = new Map<string, Encoding>();
const mostChosen = 200; // browsers have few ways to say it

/** The best that a client takes (RFC 9110, 12.5.3). */
function encodingFor(accepted: string): Encoding {
  const known = chosen.get(accepted);
  if (known !== undefined) return known;
  const weights = new Map(
    accepted
      .toLowerCase()
      .split(',')
      .map((one) => {
        const [coding = '', ...rest] = one.split(';').map((part) => part.trim());
        const q = rest.find((part) => part.startsWith('q='));
        return [coding, q === undefined ? 1 : Number(q.slice(2)) || 0] as const;
      }),
  );
  const takes = (coding: Encoding) => (weights.get(coding) ?? weights.get('*') ?? 0) > 0;
  const best = takes('br') ? 'br' : takes('gzip') ? 'gzip' : 'identity';
  if (chosen.size < mostChosen) chosen.set(accepted, best);
  return best;
}
