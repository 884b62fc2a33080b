import * as z from 'zod';
import { mailBody } from '../api/mail-body.ts';
import { mostMail } from '../api/raw-mail.ts';
import { type ApiRoute, writes } from '../api/route.ts';
import { takeMail } from './mail-report.ts';

export const inboundApi: ApiRoute[] = [
  writes({
    method: 'POST',
    path: '/inbound/report',
    summary: 'A mail to the support address becomes a report, or words added to one',
    body: mailBody,
    bodyLimit: mostMail,
    takesMail: true,
    audited: false,
    status: 200,
    answer: z.object({
      became: z.enum(['report', 'me_too', 'words', 'nothing']),
      report_id: z.string().nullable(),
      said: z.string(),
    }),
    run: (trx, { body, now, site }) => takeMail(trx, body.message, site.links, now),
  }),
];
