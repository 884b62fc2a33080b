import { adviseOn, type Finding } from '../domain/tone.ts';
import { defaultWordings, type WordingKey, wordingKeys, wordingUses } from '../domain/wordings.ts';
import { view } from '../views.ts';
import { allWordings, setWording } from '../wordings.ts';
import { chosen, typedText } from './fields.ts';
import type { DeskPage } from './frame.ts';
import { act, type DeskRoute, look, type Visit } from './route.ts';

interface WordingsPage extends DeskPage {
  section: 'wordings';
  rows: { key: WordingKey; use: string; body: string; own: boolean; error: string; findings: Finding[] }[];
}

const render = view<WordingsPage>('desk/wordings.eta');
const longest = 10_000;

/** What the forms of the desk begin with. */
export const wordingsRoutes: DeskRoute[] = [
  look('GET /admin/wordings', (visit) => page(visit, null)),
  act('POST /admin/wordings', async (visit, fields) => {
    const key = chosen(fields, 'key', wordingKeys, 'update');
    const body = fields.do === 'reset' ? '' : typedText(fields, 'body');
    if (body.length > longest) {
      const error = `This is longer than the ${longest} characters we can keep.`;
      return { page: { html: await page(visit, { key, body, error }), status: 400 } };
    }
    return visit.change(async (trx) => {
      await setWording(trx, key, body, visit.at);
      return { to: `/admin/wordings?said=saved#${key}`, about: `wording:${key}` };
    });
  }),
];

async function page({ db, desk }: Visit, typed: { key: WordingKey; body: string; error: string } | null) {
  const bodies = await allWordings(db);
  return render({
    desk,
    title: 'Templates',
    here: 'settings',
    section: 'wordings',
    rows: wordingKeys.map((key) => {
      const body = typed?.key === key ? typed.body : bodies[key];
      return {
        key,
        use: wordingUses[key],
        body,
        own: bodies[key] !== defaultWordings[key],
        error: typed?.key === key ? typed.error : '',
        findings: adviseOn(body, { occasion: occasionOf(key), promised: true, workaround: true }),
      };
    }),
  });
}

function occasionOf(key: WordingKey) {
  if (key.startsWith('answer:')) return 'answer';
  return key === 'resolved' ? 'resolved' : 'update';
}
