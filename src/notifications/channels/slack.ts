import type { ChatNews } from './chat-news.ts';
import { signs } from './chat-signs.ts';
import { inMarkup, type Markup, textInMarkup } from './markup.ts';

// Limits of Slack's blocks: https://docs.slack.dev/reference/block-kit/blocks
const mostInHeader = 150;
const mostInSection = 3_000;

const markup: Markup = {
  text: asText,
  bold: (inner) => `*${inner}*`,
  italic: (inner) => `_${inner}_`,
  strike: (inner) => `~${inner}~`,
  code: (text) => `\`${asText(text).replaceAll('`', 'ˋ')}\``,
  block: (text) => `\`\`\`\n${asText(text).replaceAll('```', 'ˋˋˋ')}\n\`\`\``,
  link: (label, href) => `<${asText(href).replaceAll('|', '%7C')}|${label.replaceAll('|', '¦')}>`,
  bullet: '•',
  newLine: '\n',
};

/** News as Slack's incoming webhooks take it. Nothing in it calls anybody: every < and & is text. */
export function slackMessage(news: ChatNews): object {
  const { title, lead, state, url, from } = news;
  const line = (text: string) => textInMarkup(text, markup, 500);
  return {
    text: `${line(lead)}: ${line(title)} – ${line(state)} ${asText(url)}`,
    blocks: [
      {
        type: 'header',
        text: { type: 'plain_text', text: plain(`${signs[news.mark]} ${title}`, mostInHeader), emoji: false },
      },
      context(`*${line(lead)}* · ${line(state)}`),
      ...section(inMarkup(news.message, markup, mostInSection)),
      ...section(headed('What to do meanwhile', news.workaround)),
      ...section(news.components.map((one) => `• ${textInMarkup(one, markup, 250)}`).join('\n')),
      ...(news.when ? [context(`*${line(news.when)}*`)] : []),
      context(`${markup.link('Open the page', url)} · ${line(from)}`),
    ],
    unfurl_links: false,
    unfurl_media: false,
  };
}

function headed(title: string, markdown: string): string {
  return markdown && `*${title}*\n${inMarkup(markdown, markup, mostInSection - title.length - 3)}`;
}

function section(text: string): object[] {
  return text ? [{ type: 'section', text: { type: 'mrkdwn', text, verbatim: true } }] : [];
}

function context(text: string): object {
  return { type: 'context', elements: [{ type: 'mrkdwn', text, verbatim: true }] };
}

function plain(text: string, max: number): string {
  return textInMarkup(text, { text: (same) => same }, max);
}

function asText(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
