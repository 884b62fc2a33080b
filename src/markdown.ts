import MarkdownIt from 'markdown-it';

const markdown = new MarkdownIt('default', {
  html: false,
  linkify: true,
  breaks: true,
  typographer: false,
}).disable(['image']);
markdown.validateLink = (url) => /^(https?:|mailto:)/i.test(url.trim());
const openLink = markdown.renderer.rules.link_open;
markdown.renderer.rules.link_open = (tokens, index, options, env, self) => {
  tokens[index]!.attrSet('rel', 'nofollow noopener');
  return openLink ? openLink(tokens, index, options, env, self) : self.renderToken(tokens, index, options);
};

/** What staff wrote, as safe HTML: no raw HTML, no images, links to https, http and mailto only. */
export function renderMarkdown(text: string): string {
  return markdown.render(text);
}

/** A piece of what staff wrote: a block, a stretch of a line, or plain text. */
export interface Piece {
  /** As markdown-it names it, without _open: paragraph, heading, bullet_list, list_item, strong, link, text, softbreak … */
  type: string;
  text: string;
  /** Of a link. */
  href: string;
  /** Of a numbered list: its first number. */
  start: number;
  children: Piece[];
}

/** The same as a tree, for those who read no HTML. */
export function readMarkdown(text: string): Piece[] {
  const root = pieceOf('root', '');
  const open = [root];
  const walk = (tokens: ReturnType<typeof markdown.parse>): void => {
    for (const token of tokens) {
      const inside = open.at(-1)!;
      if (token.type === 'inline') walk(token.children ?? []);
      else if (token.nesting < 0) open.pop();
      else {
        const piece = pieceOf(token.type.replace(/_open$/, ''), token.content);
        piece.href = String(token.attrGet('href') ?? '');
        piece.start = Number(token.attrGet('start') ?? 1);
        inside.children.push(piece);
        if (token.nesting > 0) open.push(piece);
      }
    }
  };
  walk(markdown.parse(text, {}));
  return root.children;
}

function pieceOf(type: string, text: string): Piece {
  return { type, text, href: '', start: 1, children: [] };
}
