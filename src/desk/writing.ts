import { adviseOn, type Finding, type ToneContext } from '../domain/tone.ts';
import { renderMarkdown } from '../markdown.ts';

/** What is about to be said, as the page will show it, with advice on how it sounds. */
export interface Written {
  /** Safe HTML, the same as on the page. */
  html: string;
  findings: Finding[];
}

/** Markdown as the page will show it, and what a customer may stumble over in it. */
export function readOver(message: string, context: ToneContext): Written {
  return { html: renderMarkdown(message), findings: adviseOn(message, context) };
}

/** What the partial that staff write in needs: views/desk/partials/write.eta. */
export interface WriteBox {
  /** The form's field. */
  name: string;
  label: string;
  hint: string;
  value: string;
  lines: number;
  error: string;
  occasion: ToneContext['occasion'];
  /** Null until somebody asked for it. */
  written: Written | null;
}
