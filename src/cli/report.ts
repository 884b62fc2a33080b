import { parseArgs } from 'node:util';
import { takeMail } from '../reports/mail-report.ts';
import { takeMailOnInput } from './take-mail.ts';

const help = `candor report < message

Makes a report of a mail to your support address, as the mail server hands it over on standard input. In the
aliases of Postfix, Exim or Sendmail:

  support-inbox: "|candor report"

Its words become the report; what it quotes and its signature are left out, attachments are not kept, and the
report says so. An answer to one of our mails adds its words to the report that the mail was about. What a
program wrote becomes nothing and is not answered. The same mail twice is one report.

With DATABASE_URL it writes there. With the embedded database the server must be running: it gets the mail at
HOST and PORT, with ADMIN_TOKEN or the token in DATA_DIR, so it needs the server's environment and a user who may
read that file. From another machine send it the same way:

  curl --data-binary @- -H "Content-Type: message/rfc822" -H "Authorization: Bearer TOKEN" \\
    https://status.example.com/api/v1/inbound/report

Exit codes: 0 taken, or nothing to take (a line says which); 65 it is no mail, or larger than 25 MB; 75 try
again later, which mail servers do by themselves.
`;

export const reportCommand = {
  help,
  run(args: string[]): Promise<void> {
    parseArgs({ args, options: {} });
    return takeMailOnInput({ path: '/api/v1/inbound/report', take: takeMail });
  },
};
