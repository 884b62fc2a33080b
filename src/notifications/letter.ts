import { cleanLine, escapeHtml, excerpt } from '../domain/text.ts';
import { renderMarkdown } from '../markdown.ts';
import { rememberOf } from '../remember.ts';
import { view } from '../views.ts';

/** Puts somebody's words into a template so that they mean nothing there: no Markdown, no HTML, no header. */
export interface Words {
  /** One line, as it was typed. */
  line(text: string): string;
  /** Markdown of the team: as written in the text part, rendered in the HTML part. A paragraph of its own. */
  block(markdown: string): string;
  /** An address that is hers alone; what is written around it is rendered once for all who are told the same. */
  link(url: string): string;
  /** Small print of ours: a paragraph of its own, in which addresses become links. */
  small(text: string): string;
}

export interface Written {
  subject: string;
  text: string;
  html: string;
}

const layout = view<{ subject: string; body: string }>('emails/layout');

/**
 * Writes a mail from a template: `Subject: …` on its first line, then Markdown. Words go in as placeholders and
 * are put in place after rendering, in one pass, so that nothing in them is ever read as part of the template.
 */
export function writeLetter(fill: (words: Words) => string): Written {
  const words: Word[] = [];
  const keep = (text: string, as: keyof Words) => `\ue000${words.push({ text, as }) - 1}\ue001`;
  const source = fill({
    line: (text) => keep(cleanLine(text), 'line'),
    block: (markdown) => keep(markdown.trim(), 'block'),
    link: (url) => url && `${standIn}${words.push({ text: url, as: 'link' }) - 1}/`,
    small: (text) => keep(cleanLine(text), 'small'),
  });
  const rendered = renderedOnce(source);
  const put = (text: string, put: (word: Word) => string) =>
    text.replace(placeholders, (_, word?: string, link?: string) => put(words[Number(word ?? link)]!));
  const subject = excerpt(
    put(rendered.subject, (word) => word.text),
    150,
  );
  return {
    subject,
    text: put(rendered.text, (word) => word.text),
    html: layout({ subject, body: put(rendered.html, inHtml) }),
  };
}

const standIn = 'https://own-link.invalid/';
const placeholders = /\ue000(\d+)\ue001|https:\/\/own-link\.invalid\/(\d+)\//g;

/** What stands around the words: the same for everybody who is told the same. */
const renderedOnce = rememberOf(64, (source: string): Written => {
  const { subject, body } = splitSource(source);
  const markdown = `${body.trim().replace(/\n{3,}/g, '\n\n')}\n`;
  const html = renderMarkdown(markdown).replace(/<p>(\ue000\d+\ue001)<\/p>/g, '$1');
  return { subject, text: plain(markdown), html: styled(html) };
});
const blockOnce = rememberOf(64, (markdown: string) => styled(renderMarkdown(markdown)));
const smallOnce = rememberOf(64, (text: string) =>
  renderMarkdown(text).replace('<p>', `<p style="${smallPrint}">`),
);

interface Word {
  text: string;
  as: keyof Words;
}

function inHtml({ text, as }: Word): string {
  if (as === 'block') return blockOnce(text);
  return as === 'small' ? smallOnce(text) : escapeHtml(text);
}

/** What a template wrote: its subject line and the rest. Throws where it has none. */
export function splitSource(source: string): { subject: string; body: string } {
  const [, subject, body] = /^\s*Subject: (.*)\n([\s\S]*)$/.exec(source) ?? [];
  if (subject === undefined || body === undefined) throw new Error('the template has no subject line');
  return { subject, body };
}

/** Our own Markdown as a person reads it in a plain text mail. */
function plain(markdown: string): string {
  return markdown
    .replace(/^\[([^\]]+)\]\(<?([^)>\s]+)>?\)$/gm, '$1:\n$2')
    .replace(/^.*\]\(.*$/gm, withLinksBelow)
    .replace(/^> /gm, '')
    .replace(/\*\*([^*]+)\*\*/g, '$1');
}

/** Its addresses stand below it, each at the end of its line: some mail programs take what follows into the link. */
function withLinksBelow(line: string): string {
  const below: string[] = [];
  const said = line.replace(/\[([^\]]+)\]\(<?([^)>\s]+)>?\)/g, (_, label: string, url: string) => {
    if (url.replace('mailto:', '') !== label)
      below.push(`${label.charAt(0).toUpperCase()}${label.slice(1)}: ${url}`);
    return label;
  });
  return [said, ...below].join('\n');
}

const button =
  'display:inline-block;padding:12px 20px;border-radius:6px;background:#1d4ed8;color:#ffffff;font-weight:600;text-decoration:none';
const smallPrint = 'margin:0 0 16px;font-size:13px;line-height:1.4';
const styles: Record<string, string> = {
  p: 'margin:0 0 16px',
  ul: 'margin:0 0 16px;padding-left:24px',
  ol: 'margin:0 0 16px;padding-left:24px',
  blockquote: 'margin:0 0 16px;padding:4px 0 4px 16px;border-left:4px solid #64748b',
  hr: 'margin:24px 0;border:0;border-top:1px solid #94a3b8',
  pre: 'margin:0 0 16px;white-space:pre-wrap',
};

/** Mail programs keep style attributes where they drop style sheets; a link alone in its paragraph is a button. */
function styled(html: string): string {
  return html
    .replace(/<p>(<a [^>]*)>([^<]*<\/a>)<\/p>/g, `<p>$1 style="${button}">$2</p>`)
    .replace(/<(p|ul|ol|blockquote|hr|pre)>/g, (_, tag: string) => `<${tag} style="${styles[tag]}">`);
}
