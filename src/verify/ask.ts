import { setTimeout as wait } from 'node:timers/promises';
import { CannotCheck } from './finding.ts';
import { splitLines } from './split-lines.ts';

const silenceMs = 30_000;
const mostHops = 5;
const mostWaits = 4;

/** The lines behind an address, as they arrive. Follows nothing to another host. Throws CannotCheck, in plain words. */
export async function* askForLines(url: string): AsyncGenerator<string> {
  const patience = new AbortController();
  const silence = setTimeout(() => patience.abort(), silenceMs);
  try {
    const answer = await ask(url, patience.signal, silence);
    if (answer.body) yield* splitLines(heard(answer.body, silence));
  } catch (error) {
    throw error instanceof CannotCheck ? error : new CannotCheck(`${url}: ${reasonOf(error)}`);
  } finally {
    clearTimeout(silence);
    patience.abort();
  }
}

async function ask(given: string, signal: AbortSignal, silence: NodeJS.Timeout): Promise<Response> {
  let url = given;
  for (let [hops, waits] = [0, 0]; ; silence.refresh()) {
    const answer = await fetch(url, {
      redirect: 'manual',
      signal,
      headers: { accept: 'application/jsonl', 'user-agent': 'candor-verify' },
    });
    const { status, headers } = answer;
    if (status === 200) return answer;
    await answer.body?.cancel();
    if ([301, 302, 303, 307, 308].includes(status)) {
      if (++hops > mostHops) throw new CannotCheck(`${given} sends us in a circle.`);
      url = onSameHost(url, headers.get('location'));
    } else if ((status === 429 || status === 503) && waits < mostWaits) {
      waits += 1;
      const seconds = Math.min(Number(headers.get('retry-after')) || 5, 20);
      await wait(seconds * 1_000, undefined, { signal });
    } else {
      throw new CannotCheck(`${url} answers ${status}${status === 404 ? ': there is no ledger there' : ''}.`);
    }
  }
}

function onSameHost(from: string, location: string | null): string {
  if (location === null || !URL.canParse(location, from))
    throw new CannotCheck(`${from} sends us on to nowhere.`);
  const to = new URL(location, from);
  if (to.hostname !== new URL(from).hostname || !/^https?:$/.test(to.protocol))
    throw new CannotCheck(
      `${from} sends us on to ${to.host}. If that is the page you mean, verify that one.`,
    );
  return to.href;
}

async function* heard(body: AsyncIterable<Uint8Array>, silence: NodeJS.Timeout): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    silence.refresh();
    yield chunk;
  }
}

function reasonOf(error: unknown): string {
  const { name, message, cause } = error as Error & { cause?: { code?: string; message?: string } };
  if (name === 'AbortError') return 'nothing came for half a minute.';
  return `it does not answer (${cause?.code ?? cause?.message ?? message}).`;
}
