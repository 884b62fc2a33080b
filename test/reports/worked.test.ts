import t from 'tap';
import { links, openApp } from '../fixtures/app.ts';
import { onBoth } from '../fixtures/db.ts';

onBoth(
  t,
  'once it is over she may say whether it works for her, and a no comes back to staff',
  async (t, base) => {
    const { app, api, clock } = await openApp(t, base);
    const { id } = (
      await api('POST', '/issues', { title: 'Export is empty', kind: 'bug', message: 'We know.' })
    ).body;
    const post = (url: string, payload: string) =>
      app.inject({
        method: 'POST',
        url,
        payload,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
    const own = (await post(`/issues/${id}/me-too`, 'email=ana%40example.com')).headers.location as string;
    t.notMatch((await app.inject(own)).body, 'It does not', 'nobody is asked before');
    t.equal((await post(`${own}/worked`, 'worked=yes')).statusCode, 409);

    await api('POST', `/issues/${id}/updates`, { status: 'resolved', message: 'Fixed.' });
    t.match((await app.inject(own)).body, /Does it work for me\?/);
    t.equal((await api('GET', '/reports?state=new')).body.data.length, 0);

    const refused = await post(`${own}/worked`, 'comment=still+%3Cb%3Eempty');
    t.equal(refused.statusCode, 400);
    t.match(refused.body, 'still &lt;b&gt;empty', 'her words come back');
    t.equal((await post(`${own}/worked`, `worked=no&comment=${'x'.repeat(5_001)}`)).statusCode, 400);
    t.equal((await post(`${own}/worked`, 'worked=maybe')).statusCode, 400);
    t.equal((await post(`${own}/worked`, 'worked=no&worked=yes')).statusCode, 400);

    const no = await post(`${own}/worked`, 'worked=no&comment=still+empty');
    t.match(no, { statusCode: 303, headers: { location: own } });
    t.match((await api('GET', '/reports?state=new')).body.data, [
      { issue_id: id, worked: false, worked_comment: 'still empty', worked_at: '2026-11-21T12:00:00.000Z' },
    ]);
    t.match((await app.inject(own)).body, /A person will look at it again/);
    t.notMatch((await app.inject(`/issues/${id}`)).body, 'still empty', 'her words are nobody else’s');

    await post(`${own}/worked`, 'worked=yes');
    t.equal((await api('GET', '/reports?state=new')).body.data.length, 0, 'she may change her mind');
    t.match((await app.inject(own)).body, /You told us that it works for you\./);
    t.equal((await api('GET', `/issues/${id}/notifications`)).body.total, 1, 'and is mailed nothing more');

    await post(`${own}/worked`, 'worked=no&comment=empty+again');
    clock.now = new Date('2026-11-21T13:00:00.000Z');
    await api('POST', `/issues/${id}/updates`, { status: 'investigating', message: 'It came back.' });
    clock.now = new Date('2026-11-21T14:00:00.000Z');
    await api('POST', `/issues/${id}/updates`, { status: 'resolved', message: 'Fixed for good.' });
    const anew = (await app.inject(own)).body;
    t.match(anew, /Only you can tell/, 'the next fix is asked about anew');
    t.match(
      anew,
      /We thought it was over\..*It was not over\. We are on it again\..*Fixed\./s,
      'every turn stays',
    );
    t.notMatch(anew, /<textarea[^>]*>\s*empty again/);

    t.equal((await post(`/r/${links.token('report', 'zzzzzzzzzzzz')}/worked`, 'worked=yes')).statusCode, 404);
    t.equal((await post('/r/nonsense/worked', 'worked=yes')).statusCode, 404);
    t.equal((await app.inject(`${own}/worked`)).statusCode, 404, 'a GET is not an answer');
  },
);
