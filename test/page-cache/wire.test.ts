import { setImmediate as soon } from 'node:timers/promises';
import t from 'tap';
import { openWire } from '../../src/page-cache/wire.ts';

t.test('an answer comes as it was sent, without what is the connection’s', async (t) => {
  const body = Buffer.from(Array.from({ length: 100_000 }, (_, n) => (n * 7) % 256));
  const ask = openWire((request, response) => {
    t.equal(request.url, '/history?month=2026-01');
    t.notOk(request.headers['accept-encoding'], 'nothing is asked to be compressed');
    response.writeHead(200, { 'X-Odd': 'a:b', 'content-type': 'image/png' }).end(body);
  });
  const answer = await ask('/history?month=2026-01');
  t.equal(answer.status, 200);
  t.same(answer.headers, [
    ['x-odd', 'a:b'],
    ['content-type', 'image/png'],
  ]);
  t.ok(answer.body.equals(body));
});

t.test('an answer that breaks off is none', async (t) => {
  const half = openWire((_, response) => {
    response.writeHead(200, { 'content-length': '10' });
    response.write('half', () => response.destroy());
  });
  await t.rejects(half('/'));
  const none = openWire((_, response) => void response.destroy());
  await t.rejects(none('/'));
});

t.test('nothing is left of it', async (t) => {
  let open = 0;
  const ask = openWire(({ socket }, response) => {
    open += 1;
    socket.once('close', () => {
      open -= 1;
    });
    response.end('there');
  });
  for (let n = 0; n < 20; n++) await ask('/');
  await soon();
  t.equal(open, 0, 'every connection is closed at its other end, too');
});
