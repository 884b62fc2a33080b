import type { Config } from '../config.ts';
import { waysTo } from '../domain/person.ts';
import { clockFinding } from './clock.ts';
import { type Finding, fail, ok, reasonOf, warn } from './finding.ts';

const patienceMs = 8_000;

/** Whether what stands at BASE_URL is this page. `pageId` is null where the database could not be read. */
export async function examinePage({ baseUrl }: Config, pageId: string | null): Promise<Finding[]> {
  let answer: Response;
  try {
    answer = await get(`${baseUrl}/healthz`);
  } catch (error) {
    const next = 'Start the server. If it runs, look at the name in the DNS, the proxy, and its certificate.';
    return [fail('page', `Nothing answers at BASE_URL ${baseUrl}: ${reasonOf(error)}.`, next)];
  }
  const health = (await answer.json().catch(() => null)) as { status?: string } | null;
  if (answer.status !== 200 || health?.status !== 'ok') {
    const next = 'Let BASE_URL be the address under which your proxy, or nobody, stands before Candor.';
    return [fail('page', `Something else answers at BASE_URL ${baseUrl} (status ${answer.status}).`, next)];
  }
  const other = pageId === null ? null : await otherPage(baseUrl, pageId);
  const date = Date.parse(answer.headers.get('date') ?? '');
  return [
    other
      ? fail('page', `Another Candor answers at BASE_URL ${baseUrl}.`, 'Do both use the same database?')
      : ok('page', `BASE_URL ${baseUrl} answers.`),
    // An HTTP date is cut to the second.
    ...(Number.isNaN(date)
      ? []
      : [clockFinding('clock at BASE_URL', 'the page', date + 500 - Date.now(), 3_000)]),
  ];
}

async function otherPage(baseUrl: string, pageId: string): Promise<boolean> {
  try {
    const answer = await get(`${baseUrl}/api/v2/status.json`);
    const { page } = (await answer.json()) as { page?: { id?: string } };
    return page?.id !== undefined && page.id !== pageId;
  } catch {
    return false;
  }
}

/** What the settings say about how customers reach us. */
export function examineAddress(config: Config): Finding[] {
  const { baseUrl, trustProxy } = config;
  const { protocol, hostname } = new URL(baseUrl);
  const local = /^(?:localhost|127\.|\[::1\])/.test(hostname);
  const findings = [addressFinding(baseUrl, protocol, local)];
  if (protocol === 'https:' && trustProxy.length === 0) {
    findings.push(
      warn(
        'proxy',
        'TRUST_PROXY is off, but BASE_URL is https, so a proxy stands before Candor: all visitors look like one.',
        'Set TRUST_PROXY to its address, loopback if it runs on this machine.',
      ),
    );
  }
  if (waysTo(config).length === 0) {
    const next =
      'Set SUPPORT_EMAIL, SUPPORT_URL or SUPPORT_PHONE; it stands on every page and in every mail.';
    findings.push(warn('support', 'Customers are not told how to reach a person.', next));
  }
  return findings;
}

function addressFinding(baseUrl: string, protocol: string, local: boolean): Finding {
  if (local) {
    const next = 'Set BASE_URL to the public address before customers get mail.';
    return warn('address', `BASE_URL is ${baseUrl}: links in mails lead only to this machine.`, next);
  }
  if (protocol !== 'https:') {
    const next = 'Put a proxy with a certificate before it and let BASE_URL begin with https://.';
    return warn(
      'address',
      `BASE_URL ${baseUrl} is not https: whoever listens can read links and words.`,
      next,
    );
  }
  return ok('address', `Links begin with ${baseUrl}.`);
}

/** Answers without following: a redirect is an answer too. */
export function get(url: string): Promise<Response> {
  return fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(patienceMs) });
}
