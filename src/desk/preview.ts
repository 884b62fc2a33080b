import { kinds } from '../domain/lifecycle.ts';
import { view } from '../views.ts';
import { chosen, typedLine, typedText } from './fields.ts';
import { act, type DeskRoute } from './route.ts';
import { readOver, type Written } from './writing.ts';

const render = view<Written>('desk/partials/read-over.eta');

/** What is being written, as the page will show it, asked for while one types. Nothing is kept. */
export const previewRoutes: DeskRoute[] = [
  act('POST /admin/preview', async (_visit, fields) => ({
    page: render(
      readOver(typedText(fields, 'message').slice(0, 25_000), {
        occasion: chosen(fields, 'occasion', ['update', 'resolved', 'answer'], 'update'),
        kind: chosen(fields, 'kind', kinds, 'bug'),
        promised: !['', 'none'].includes(typedLine(fields, 'next_update')),
        workaround: typedText(fields, 'workaround') !== '',
      }),
    ),
  })),
];
