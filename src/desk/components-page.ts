import { readComponents } from '../components-now.ts';
import { type ComponentStatus, componentStatuses } from '../domain/impact.ts';
import { componentWords } from '../domain/labels.ts';
import { addComponent, changeComponent } from '../issues/components.ts';
import { componentBody } from '../issues/schemas.ts';
import { view } from '../views.ts';
import { typedLine, typedText } from './fields.ts';
import type { DeskPage } from './frame.ts';
import { plainly } from './issue-form.ts';
import { act, type DeskRoute, type Fields, look, type Visit } from './route.ts';

interface Row {
  id: string;
  name: string;
  description: string;
  group: string;
  position: string;
  /** What staff set it to; empty where it is left to the issues. */
  status: string;
  /** The same when the form was drawn. */
  stood: string;
  /** In which state it is shown, with what open issues say of it. */
  now: string;
}

interface ComponentsPage extends DeskPage {
  section: 'components';
  rows: Row[];
  fresh: Row;
  statuses: { value: ComponentStatus | ''; label: string }[];
  /** By the id of the row, '' for the new one. */
  errors: Record<string, string>;
}

const render = view<ComponentsPage>('desk/components.eta');
const blank: Row = {
  id: '',
  name: '',
  description: '',
  group: '',
  position: '',
  status: '',
  stood: '',
  now: '',
};

/** The parts of the service. */
export const componentsRoutes: DeskRoute[] = [
  look('GET /admin/components', (visit) => page(visit, {})),
  act('POST /admin/components', async (visit, fields) => {
    const read = componentBody.safeParse(typed(fields));
    if (!read.success) return refused(visit, fields, '', read.error.issues);
    return visit.change(async (trx) => {
      const { id } = await addComponent(trx, read.data, visit.at);
      return { to: '/admin/components?said=saved', about: `component:${id}` };
    });
  }),
  act('POST /admin/components/:id', async (visit, fields) => {
    const id = visit.params.id ?? '';
    const read = componentBody.safeParse(typed(fields));
    if (!read.success) return refused(visit, fields, id, read.error.issues);
    const { status = null, group = null, ...rest } = read.data;
    // Whoever only mends a name has said nothing about how it stands.
    const said = fields.stood === (status ?? '') ? {} : { status };
    return visit.change(async (trx) => {
      await changeComponent(trx, id, { ...rest, ...said, group }, visit.at);
      return { to: '/admin/components?said=saved', about: `component:${id}` };
    });
  }),
];

function typed(fields: Fields) {
  const position = typedLine(fields, 'position');
  return {
    name: typedLine(fields, 'name'),
    description: typedText(fields, 'description') || null,
    group: typedLine(fields, 'group') || null,
    ...(typedLine(fields, 'status') === '' ? {} : { status: typedLine(fields, 'status') }),
    ...(position === '' ? {} : { position: Number(position) }),
  };
}

async function refused(
  visit: Visit,
  fields: Fields,
  id: string,
  [first]: { path: PropertyKey[]; message: string }[],
) {
  const field = String(first?.path[0] ?? '');
  const error =
    field === 'name' ? 'Please give it a name.' : `${field}: ${plainly(field, first?.message ?? '')}`;
  const row: Row = {
    ...blank,
    id,
    name: typedLine(fields, 'name'),
    description: typedText(fields, 'description'),
    group: typedLine(fields, 'group'),
    position: typedLine(fields, 'position'),
    status: typedLine(fields, 'status'),
    stood: typedLine(fields, 'stood'),
  };
  return { page: { html: await page(visit, { row, error }), status: 400 } };
}

async function page({ db, desk }: Visit, { row, error }: { row?: Row; error?: string }): Promise<string> {
  const rows = (await readComponents(db)).slice(0, 500).map((one) =>
    row?.id === one.id
      ? { ...row, now: componentWords[one.status] }
      : {
          id: one.id,
          name: one.name,
          description: one.description ?? '',
          group: one.group_name ?? '',
          position: String(one.position),
          status: one.set ?? '',
          stood: one.set ?? '',
          now: componentWords[one.status],
        },
  );
  return render({
    desk,
    title: 'Components',
    here: 'settings',
    section: 'components',
    rows,
    fresh: row?.id === '' ? row : blank,
    statuses: [
      { value: '' as const, label: 'As open issues say' },
      ...componentStatuses.map((value) => ({ value, label: componentWords[value] })),
    ],
    errors: error ? { [row?.id ?? '']: error } : {},
  });
}
