import * as z from 'zod';
import { mailBody } from '../api/mail-body.ts';
import { mostMail } from '../api/raw-mail.ts';
import { type ApiRoute, writes } from '../api/route.ts';
import { takeBounce } from './bounces.ts';

export const bouncesApi: ApiRoute[] = [
  writes({
    method: 'POST',
    path: '/bounces',
    summary: 'A mail of ours came back: a mailbox that does not exist gets no more',
    body: mailBody,
    bodyLimit: mostMail,
    takesMail: true,
    audited: false,
    status: 200,
    answer: z.object({ became: z.enum(['suppressed', 'noted', 'nothing']), said: z.string() }),
    run: (trx, { body, now, site }) => takeBounce(trx, body.message, site.links, now),
  }),
];
