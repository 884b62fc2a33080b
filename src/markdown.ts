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
