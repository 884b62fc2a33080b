import t from 'tap';
import { adminToken, call, candor, dataDir, incident, until } from '../fixtures/process.ts';

t.test('kill -9 while reports arrive: every acknowledged one is there after the restart', async (t) => {
  const env = { DATA_DIR: await dataDir(t), ADMIN_TOKEN: adminToken, NOTIFIER: 'off' };
  const acknowledged = new Map<string, string>();
  let printed = '';
  let issue = '';
  for (let round = 0; round < 5; round++) {
    const one = candor(t, env);
    const url = await one.url;
    issue ||= (await call(url, 'POST', '/issues', incident)).id;
    let alive = true;
    const customers = Array.from({ length: 4 }, async (_, customer) => {
      for (let n = 0; alive; n++) {
        const words = `words-${round}-${customer}-${n}`;
        const answer = await meToo(url, issue, words, `who-${round}-${customer}-${n}@customers.example`);
        if (answer) acknowledged.set(words, answer);
      }
    });
    const enough = acknowledged.size + 10 + Math.random() * 40;
    await until('enough reports came', () => acknowledged.size >= enough);
    one.kill('SIGKILL');
    await one.ended;
    alive = false;
    await Promise.all(customers);
    printed += one.printed();
  }
  const last = candor(t, env);
  const url = await last.url;
  t.comment(`${acknowledged.size} reports were acknowledged`);
  const missing: string[] = [];
  for (const [words, path] of acknowledged) {
    const page = await fetch(url + path);
    if (page.status !== 200 || !(await page.text()).includes(words)) missing.push(words);
  }
  t.same(missing, []);
  const { reporters_count } = await call(url, 'GET', `/issues/${issue}`);
  t.ok(reporters_count >= acknowledged.size, `${reporters_count} reporters`);
  t.notMatch(printed + last.printed(), /customers\.example|words-\d/, 'no address and no words in the logs');
});

/** Answers the path of her own page once the report is acknowledged; null where the process died before. */
async function meToo(url: string, issue: string, message: string, email: string): Promise<string | null> {
  try {
    const answer = await fetch(`${url}/issues/${issue}/me-too`, {
      method: 'POST',
      body: new URLSearchParams({ message, email }),
      redirect: 'manual',
    });
    return answer.status === 303 ? new URL(answer.headers.get('location')!, url).pathname : null;
  } catch {
    return null;
  }
}
