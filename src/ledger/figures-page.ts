import { definitions, type FigureName, figureNames, figureTitles } from '../domain/figures-words.ts';
import { dayWords } from '../domain/times.ts';
import type { Page, Shell } from '../shell.ts';
import { view } from '../views.ts';
import type { Counted } from './figures.ts';
import { type Lines, linesOf } from './figures-lines.ts';

interface FiguresPage extends Page {
  /** Empty while there is nothing to count. */
  sections: (Lines & { id: FigureName; title: string; definition: string })[];
  /** What holds for all of them. */
  about: string[];
  began: { iso: string; words: string } | null;
  head: Counted['head'];
}

const shown = 12; // months; the rest stands in /promise.json

const render = view<FiguresPage>('promise.eta');

/** Whether we keep our word: each figure with what it means, month by month. */
export function figuresPage(shell: Shell, { months, all, head, since }: Counted): string {
  const latest = months.slice(0, shown);
  return render({
    shell,
    title: 'Our word, in figures',
    description: `How quickly ${shell.pageName} answers, and whether it keeps its promises: counted from a public ledger.`,
    canonical: '/promise',
    sections:
      since === null
        ? []
        : figureNames.map((id) => ({
            id,
            title: figureTitles[id],
            definition: definitions[id],
            ...linesOf(id, latest, all),
          })),
    about: [definitions.times, definitions.months],
    began: since && { iso: since.toISOString().slice(0, 10), words: dayWords(since) },
    head,
  });
}

/** The same for programs; durations in seconds. */
export function figuresJson(
  { baseUrl }: Pick<Shell, 'baseUrl'>,
  { months, all, head, since }: Counted,
): object {
  return {
    page: `${baseUrl}/promise`,
    ledger: { ...head, url: `${baseUrl}/ledger.jsonl`, began_at: since?.toISOString() ?? null },
    all,
    months,
    definitions,
  };
}
