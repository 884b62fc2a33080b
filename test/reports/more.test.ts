import t from 'tap';
import { openApp } from '../fixtures/app.ts';
import { onBoth } from '../fixtures/db.ts';

onBoth(t, 'a question of staff is answered on her own page, and staff read it as new', async (t, base) => {
  const { app, api } = await openApp(t, base);
  const post = (url: string, payload: string) =>
    app.inject({
      method: 'POST',
      url,
      payload,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  const own = (await post('/report', 'message=It+is+broken')).headers.location as string;
  const [report] = (await api('GET', '/reports')).body.data;
  t.notMatch((await app.inject(own)).body, 'How do I answer');
  await api('POST', `/reports/${report.id}/answer`, { verdict: 'need_more', message: 'Which browser?' });
  t.match((await app.inject(own)).body, /Which browser\?.*How do I answer\?/s);
  t.equal((await api('GET', '/reports')).body.data.length, 0);

  const refused = await post(`${own}/more`, 'message=++');
  t.equal(refused.statusCode, 400);
  t.match(refused.body, /aria-invalid="true"/);
  const long = await post(`${own}/more`, `message=${'y'.repeat(5_001)}`);
  t.equal(long.statusCode, 400);
  t.match(long.body, 'y'.repeat(5_001), 'her words come back');

  t.match(await post(`${own}/more`, 'message=Firefox+140'), { statusCode: 303, headers: { location: own } });
  t.match((await api('GET', '/reports')).body.data, [
    { id: report.id, message: 'It is broken\n\nFirefox 140' },
  ]);
  t.match((await app.inject(own)).body, /Firefox 140/);

  for (let n = 0; n < 4; n++) await post(`${own}/more`, `message=${'z'.repeat(5_000)}`);
  t.equal(
    (await post(`${own}/more`, `message=${'z'.repeat(5_000)}`)).statusCode,
    409,
    'it does not grow for ever',
  );
  await post(`${own}/withdraw`, '');
  t.equal((await post(`${own}/more`, 'message=x')).statusCode, 409);
  t.equal((await post('/r/nonsense/more', 'message=x')).statusCode, 404);
});
