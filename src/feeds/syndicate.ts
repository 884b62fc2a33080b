import { Feed } from 'feed';
import { cleanLine, escapeHtml } from '../domain/text.ts';
import type { Entry } from './entries.ts';

/** What a feed is about. Its addresses are absolute. */
export interface Channel {
  /** The host that names it and its entries for good. */
  host: string;
  /** The rest of its name: `/history`. */
  name: string;
  title: string;
  description: string;
  author: string;
  /** The page for people. */
  page: string;
  atom: string;
  rss: string;
  json: string;
  /** Where our ledger stands; null: nothing is in it yet. */
  ledger: LedgerMark | null;
  /** For when it has no entries. */
  since: Date;
}

/** Our ledger's newest entry by which something was said. */
export interface LedgerMark {
  seq: number;
  hash: string;
}

/** The feed as Atom (RFC 4287). */
export function asAtom(channel: Channel, entries: Entry[]): string {
  const feed = feedOf(channel, channel.atom, entries);
  for (const { id, url, title, html, publishedAt, updatedAt } of entries) {
    feed.addItem({
      id: `tag:${channel.host},2005:Incident/${id}`,
      link: url,
      title: whole(escapeHtml(title)), // as HTML, says the library
      content: whole(html),
      date: updatedAt,
      published: publishedAt,
    });
  }
  return mended(feed.atom1());
}

/** The feed as RSS 2.0. An item is dated by its newest update, so that a reader sees that there is news. */
export function asRss(channel: Channel, entries: Entry[]): string {
  const feed = feedOf(channel, channel.rss, entries);
  for (const { url, title, html, updatedAt } of entries) {
    feed.addItem({ link: url, title: whole(title), description: whole(html), date: updatedAt });
  }
  return mended(feed.rss2());
}

/** The feed as JSON Feed 1.1; the library knows only version 1. */
export function asJsonFeed(channel: Channel, entries: Entry[]): string {
  return JSON.stringify({
    version: 'https://jsonfeed.org/version/1.1',
    title: channel.title,
    description: describe(channel),
    home_page_url: channel.page,
    feed_url: channel.json,
    language: 'en',
    authors: [{ name: channel.author, url: channel.page }],
    ...(channel.ledger && { _candor: extension(channel.ledger, channel.page) }),
    items: entries.map(({ id, url, title, html, publishedAt, updatedAt }) => ({
      id: `tag:${channel.host},2005:Incident/${id}`,
      url,
      title,
      content_html: html,
      date_published: publishedAt.toISOString(),
      date_modified: updatedAt.toISOString(),
    })),
  });
}

/** What it is about, and by what a reader can check later that nothing was rewritten. */
function describe({ description, ledger, page }: Channel): string {
  if (!ledger) return description;
  const check = `candor verify ${page} --since ${ledger.hash}`;
  return `${description} Our ledger of all this stands at entry ${ledger.seq}; ${check} shows whether anything was rewritten since.`;
}

/** JSON Feed leaves to us what begins with an underscore; `about` is where it is explained. */
function extension({ seq, hash }: LedgerMark, page: string): object {
  return { about: `${page}ledger`, ledger: { seq, hash, url: `${page}ledger.jsonl` } };
}

function feedOf(channel: Channel, self: string, entries: Entry[]): Feed {
  const { host, name, title, author, page, since } = channel;
  return new Feed({
    id: `tag:${host},2005:${name}`,
    title: exact(title),
    description: exact(describe(channel)),
    author: { name: exact(author) },
    link: page,
    feed: self,
    language: 'en',
    generator: 'Candor',
    updated: entries[0]?.updatedAt ?? since,
  });
}

/** The library takes `&amp;` in a text for an ampersand written twice; said once more, the text stays as it is. */
function exact(text: string): string {
  return cleanLine(text).replace(/&/g, '&amp;');
}

// In CDATA the library mends only the first "]]>" and the second would end it; so we part each ourselves, at a
// character that no XML and none of our texts can hold.
const whole = (text: string) => text.replaceAll(']]>', ']]\uffff>');
const mended = (xml: string) => xml.replaceAll('\uffff', ']]><![CDATA[');
