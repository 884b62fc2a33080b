import type { Mark } from '../../domain/labels.ts';
import type { ChatNews } from './chat-news.ts';
import { signs } from './chat-signs.ts';
import { inMarkup, type Markup, textInMarkup } from './markup.ts';

// A message is at most 28 KB: https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors
const mostBytes = 28 * 1024;
const mostInMessage = 6_000;

const colours: Record<Mark, string> = {
  broken: 'Attention',
  known: 'Warning',
  planned: 'Accent',
  working: 'Accent',
  fixed: 'Good',
  closed: 'Default',
};

/** Teams knows bold, italic, links and lists, and no code. */
const markup: Markup = {
  text: asText,
  bold: (inner) => `**${inner}**`,
  italic: (inner) => `_${inner}_`,
  strike: (inner) => inner,
  code: asText,
  block: (text) => asText(text).replaceAll('\n', '\n\n'),
  link: (label, href) => `[${label}](${href.replaceAll('(', '%28').replaceAll(')', '%29')})`,
  bullet: '-',
  newLine: '\n\n',
};

/** News as the Workflows of Teams take it: an Adaptive Card in an envelope. */
export function teamsMessage(news: ChatNews): object {
  for (let max = mostInMessage; ; max = Math.floor(max / 2)) {
    const message = envelope(news, max);
    if (max < 100 || Buffer.byteLength(JSON.stringify(message)) <= mostBytes) return message;
  }
}

function envelope(news: ChatNews, max: number): object {
  const line = (text: string, most = 250) => textInMarkup(text, markup, most);
  const title = line(`${signs[news.mark]} ${news.title}`, 300);
  return {
    type: 'message',
    summary: textInMarkup(`${news.lead}: ${news.title}`, { text: (same) => same }, 200),
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          msteams: { width: 'Full' },
          body: [
            ...text(line(news.lead), { isSubtle: true }),
            ...text(title, { size: 'Large', weight: 'Bolder', spacing: 'None' }),
            ...text(line(news.state), { weight: 'Bolder', color: colours[news.mark] }),
            ...text(inMarkup(news.message, markup, max)),
            ...(news.workaround ? text('What to do meanwhile', { weight: 'Bolder' }) : []),
            ...text(inMarkup(news.workaround, markup, max / 2), { spacing: 'None' }),
            ...text(news.components.map((one) => `- ${line(one)}`).join('\n')),
            ...text(line(news.when), { weight: 'Bolder' }),
            ...text(line(news.from), { isSubtle: true, size: 'Small' }),
          ],
          actions: [{ type: 'Action.OpenUrl', title: 'Open the page', url: news.url }],
        },
      },
    ],
  };
}

function text(text: string, style: object = {}): object[] {
  return text ? [{ type: 'TextBlock', text, wrap: true, ...style }] : [];
}

function asText(text: string): string {
  return text
    .replace(/[\\*_`[\]<>~]/g, '\\$&')
    .replace(/^(\s*)([-+#])/gm, '$1\\$2')
    .replace(/^(\s*\d+)\.(?=\s)/gm, '$1\\.');
}
