import { openSite } from './load/site.ts';
import { build, startOurs, takeAnswer } from './load.ts';
import { compareWithBare } from './page.ts';
import type { Bench } from './run.ts';

export const bench: Bench = {
  about: 'the front page for who has it already (304) beside a bare node:http (--seconds=5, --rounds=5)',
  needs: ['wrk'],
  async run(options) {
    build();
    const site = await openSite();
    try {
      const env = { DATABASE_URL: site.url, DATA_DIR: site.dataDir, NOTIFIER: 'off' };
      const once = await startOurs(env);
      const { head } = await takeAnswer(once.url, { 'Accept-Encoding': 'gzip' });
      await once.stop();
      const named = (name: string) => head[head.findIndex((one) => one.toLowerCase() === name) + 1]!;
      const gzip = { 'Accept-Encoding': 'gzip' };
      const ways = [
        { name: '304 by ETag', headers: { ...gzip, 'If-None-Match': named('etag') } },
        { name: '304 by time', headers: { ...gzip, 'If-Modified-Since': named('last-modified') } },
      ];
      return await compareWithBare(site.url, site.dataDir, ways, options);
    } finally {
      await site.stop();
    }
  },
};
