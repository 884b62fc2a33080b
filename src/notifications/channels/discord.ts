import type { Mark } from '../../domain/labels.ts';
import type { ChatNews } from './chat-news.ts';
import { signs } from './chat-signs.ts';
import { inMarkup, type Markup, textInMarkup } from './markup.ts';

// Limits of an embed: https://docs.discord.com/developers/resources/message#embed-object-embed-limits
const mostInTitle = 256;
const mostInDescription = 4_096;
const mostInField = 1_024;
const mostInAll = 6_000;

const colours: Record<Mark, number> = {
  broken: 0xb42318,
  known: 0xb45309,
  planned: 0x1d4ed8,
  working: 0x1d4ed8,
  fixed: 0x15803d,
  closed: 0x64748b,
};

const markup: Markup = {
  text: asText,
  bold: (inner) => `**${inner}**`,
  italic: (inner) => `*${inner}*`,
  strike: (inner) => `~~${inner}~~`,
  code: (text) => `\`${text.replaceAll('`', 'ˋ')}\``,
  block: (text) => `\`\`\`\n${text.replaceAll('```', 'ˋˋˋ')}\n\`\`\``,
  link: (label, href) => (label === asText(href) ? href : `[${label}](${bare(href)})`),
  bullet: '-',
  newLine: '\n',
};

interface Field {
  name: string;
  value: string;
}

/** News as Discord's webhooks take it; it calls nobody, whatever is written in it. */
export function discordMessage(news: ChatNews): object {
  const line = (text: string, max: number) => textInMarkup(text, markup, max);
  const title = line(`${signs[news.mark]} ${news.title}`, mostInTitle);
  const footer = textInMarkup(news.from, { text: (same) => same }, 200);
  const fields: Field[] = [
    { name: news.lead, value: line(news.state, mostInField) },
    { name: 'What to do meanwhile', value: inMarkup(news.workaround, markup, mostInField) },
    { name: 'Components', value: components(news.components) },
    { name: 'When', value: line(news.when, mostInField) },
  ].filter(({ value }) => value !== '');
  const taken = [title, footer, ...fields.flatMap(({ name, value }) => [name, value])].join('').length;
  const description = inMarkup(news.message, markup, Math.min(mostInDescription, mostInAll - taken));
  return {
    embeds: [
      {
        title,
        url: news.url,
        ...(description && { description }),
        color: colours[news.mark],
        fields,
        footer: { text: footer },
        timestamp: news.at.toISOString(),
      },
    ],
    allowed_mentions: { parse: [] },
  };
}

function components(names: string[]): string {
  return names.map((one) => `- ${textInMarkup(one, markup, 90)}`).join('\n');
}

function asText(text: string): string {
  return text
    .replace(/[\\*_~`|<>[\]@]/g, '\\$&')
    .replace(/^(\s*)([-+#])/gm, '$1\\$2')
    .replace(/^(\s*\d+)\.(?=\s)/gm, '$1\\.');
}

function bare(href: string): string {
  return href.replaceAll('(', '%28').replaceAll(')', '%29');
}
