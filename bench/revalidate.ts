import { openSite } from './load/site.ts';
import { build, startPageOnly, takeAnswer } from './load.ts';
import { compareWithBare } from './page.ts';
import type { Bench } from './run.ts';

const path = '/report'; // it says nothing of the time, and so is the same a minute later
const tomorrow = new Date(Date.now() + 86_400_000).toUTCString(); // each process has a time of its own

export const bench: Bench = {
  about: 'the report form for who has it already (304) beside a bare node:http (--seconds=5, --rounds=5)',
  needs: ['wrk'],
  async run(options) {
    build();
    const site = await openSite();
    try {
      const once = await startPageOnly(site);
      const { head } = await takeAnswer(once.url + path, { 'Accept-Encoding': 'gzip' });
      await once.stop();
      const named = (name: string) => head[head.findIndex((one) => one.toLowerCase() === name) + 1]!;
      const gzip = { 'Accept-Encoding': 'gzip' };
      const ways = [
        { name: '304 by ETag', path, headers: { ...gzip, 'If-None-Match': named('etag') } },
        { name: '304 by time', path, headers: { ...gzip, 'If-Modified-Since': tomorrow } },
      ];
      return await compareWithBare(site, ways, options);
    } finally {
      await site.stop();
    }
  },
};
