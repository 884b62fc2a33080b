/** An address whose answer is the same for everybody. */
export interface PublicAddress {
  /** The one spelling under which its answer is kept. */
  key: string;
  /** Whose page it is; null: it shows more than one issue, or none. */
  issueId: string | null;
}

const id = '[0-9a-z]{12}';

/** Which addresses are kept, and which of their query's fields make another page. All else is asked for each time. */
const addresses: { path: RegExp; fields?: string[]; alone?: boolean }[] = [
  { path: /^\/$/ },
  { path: /^\/(?:tools|promise|promise\.json|embed\.json|embed\.js|maintenance\.ics|come-back)$/ },
  { path: /^\/(?:history\.atom|history\.rss|feed\.json)$/ },
  { path: /^\/history$/, fields: ['month', 'page'] },
  { path: /^\/ledger$/, fields: ['issue', 'before'] },
  { path: /^\/badge\.svg$/, fields: ['component'] },
  { path: new RegExp(`^/components/${id}(?:/(?:history\\.atom|history\\.rss|feed\\.json))?$`) },
  { path: /^\/api\/v2\/[a-z-]{1,40}(?:\/[a-z-]{1,40})?\.json$/ },
  { path: /^\/assets\/[a-z0-9-]+\.(?:css|js|svg)$/, fields: ['v'] },
  // Their answers to other fields are one person's.
  { path: new RegExp(`^/issues/${id}$`), alone: true },
  { path: /^\/(?:report|subscribe)$/, alone: true },
];

/** What other programs and pages read, and no page of ours leads to. */
const forMachines = [
  ...['summary', 'status', 'components', 'incidents', 'incidents/unresolved'],
  ...['', '/upcoming', '/active'].map((which) => `scheduled-maintenances${which}`),
]
  .map((name) => `/api/v2/${name}.json`)
  .concat(
    '/badge.svg',
    '/embed.json',
    '/embed.js',
    '/promise.json',
    '/history.atom',
    '/history.rss',
    '/feed.json',
  )
  .concat('/maintenance.ics', '/report', '/subscribe', '/come-back');

/** What senders of links add to them, and no page reads. */
const ofSenders = /^(?:utm_\w{1,20}|fbclid|gclid|mc_[ce]id|ref)$/;

/** The public address that a request asks for; null: its answer may be somebody's own, or nobody can tell. */
export function publicAddress(url: string): PublicAddress | null {
  if (url.length > 500 || url[0] !== '/' || url[1] === '/') return null;
  const mark = url.indexOf('?');
  const given = mark < 0 ? url : url.slice(0, mark);
  const path = given.length > 1 && given.endsWith('/') ? given.slice(0, -1) : given;
  const address = addresses.find((one) => one.path.test(path));
  if (!address) return null;
  const [, issueId = null] = /^\/issues\/(\w{12})$/.exec(path) ?? [];
  if (mark < 0) return { key: path, issueId };
  const query = new URLSearchParams(url.slice(mark + 1));
  for (const name of [...query.keys()]) {
    if (ofSenders.test(name) || !(address.alone || address.fields?.includes(name))) query.delete(name);
    else if (address.alone || query.getAll(name).length > 1) return null;
  }
  query.sort();
  const rest = query.toString();
  return { key: rest === '' ? path : `${path}?${rest}`, issueId };
}

/** What goes with a page: what programs read, and the public addresses that it leads to, each once. */
export function goesWith(html: string): PublicAddress[] {
  const links = [...html.matchAll(/ href="(\/[^"#]*)/g)].map(([, href]) => href!.replaceAll('&amp;', '&'));
  const found = new Map<string, PublicAddress>();
  for (const url of [...forMachines, ...links]) {
    const address = publicAddress(url);
    if (address) found.set(address.key, address);
  }
  return [...found.values()];
}
