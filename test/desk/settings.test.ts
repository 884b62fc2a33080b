import t from 'tap';
import { defaultWordings } from '../../src/domain/wordings.ts';
import { onBoth } from '../fixtures/db.ts';
import { openDesk } from '../fixtures/desk.ts';
import { textOf } from '../fixtures/text.ts';

onBoth(t, 'a template is changed, used by the form, and put back', async (t, base) => {
  const owner = await openDesk(t, base, { role: 'owner' });
  const key = 'acknowledge:bug';
  await owner.post('/admin/wordings', { key, body: 'Our own <words>.', do: 'save' });
  t.match((await owner.get('/admin/issues/new?kind=bug')).html, /Our own &lt;words&gt;\./);
  await owner.post('/admin/wordings', { key, body: 'whatever', do: 'reset' });
  t.match(
    (await owner.get('/admin/issues/new?kind=bug')).html,
    new RegExp(defaultWordings[key].slice(0, 40)),
  );
  const long = await owner.post('/admin/wordings', { key, body: 'x'.repeat(10_001), do: 'save' });
  t.match(long, { status: 400, html: /longer than the 10000 characters/ });
});

onBoth(
  t,
  'components are added and changed; whoever mends a name says nothing about how it stands',
  async (t, base) => {
    const owner = await openDesk(t, base, { role: 'owner' });
    const form = {
      name: 'Uploads',
      group: 'Files',
      description: 'Sending us files',
      status: 'operational',
      position: '3',
    };
    t.match(await owner.post('/admin/components', form), { to: '/admin/components?said=saved' });
    const [made] = (await owner.api('GET', '/components')).body.data;
    t.match(made, { name: 'Uploads', group: 'Files', position: 3, status: 'operational' });
    await owner.api('POST', '/issues', {
      kind: 'incident',
      title: 'Down',
      message: 'We know.',
      components: [{ id: made.id, status: 'major_outage' }],
    });
    t.match(textOf((await owner.get('/admin/components')).html), /Uploads in Files: Down/);
    await owner.post(`/admin/components/${made.id}`, {
      ...form,
      name: 'File uploads',
      group: '',
      stood: 'operational',
    });
    const now = async () => (await owner.api('GET', '/components')).body.data[0];
    t.match(await now(), { name: 'File uploads', group: null, status: 'major_outage' });
    const save = (status: string, stood: string) =>
      owner.post(`/admin/components/${made.id}`, { ...form, status, stood });
    owner.clock.now = new Date(owner.clock.now.getTime() + 60_000);
    await save('partial_outage', '');
    t.match(await now(), { status: 'partial_outage' });
    await save('', 'partial_outage');
    t.match(await now(), { status: 'major_outage' }, 'left to the issues again');
    const wrong = await owner.post(`/admin/components/${made.id}`, {
      ...form,
      name: ' ',
      description: 'kept words',
    });
    t.match(wrong, { status: 400, html: /Please give it a name/ });
    t.match(wrong.html, /kept words/);
    for (const position of ['-1', 'first', '1e9'])
      t.equal((await owner.post('/admin/components', { ...form, position })).status, 400, position);
    t.equal((await owner.post('/admin/components/000000000000', form)).status, 404);
  },
);
