import { parseArgs } from 'node:util';
import { takeBounce } from '../notifications/bounces.ts';
import { takeMailOnInput } from './take-mail.ts';

const help = `candor bounce < message

Takes a mail of ours that came back: a delivery report (RFC 3464), as the mail server hands it over on standard
input. Mails go out with an envelope sender of their own, status+b-…@your.domain (see BOUNCE_ADDRESS), so let
what comes to that address be piped here. In the aliases of Postfix, Exim or Sendmail, with + as the delimiter:

  status: "|candor bounce"

Only a mailbox that does not exist (5.1.x) or was closed (5.2.1) gets no more mail; an owner can lift that at
/admin/suppressions. A full mailbox, a policy and a delay are noted with the mail. Anything else that comes
(an automatic answer, a person's words, a report about no mail of ours) changes nothing.

With DATABASE_URL it writes there. With the embedded database the server must be running: it gets the mail at
HOST and PORT, with ADMIN_TOKEN or the token in DATA_DIR, so it needs the server's environment and a user who may
read that file. From another machine send it the same way:

  curl --data-binary @- -H "Content-Type: message/rfc822" -H "Authorization: Bearer TOKEN" \\
    https://status.example.com/api/v1/bounces

Exit codes: 0 taken, or nothing to take (a line says which); 65 it is no mail, or larger than 25 MB; 75 try
again later, which mail servers do by themselves.
`;

export const bounceCommand = {
  help,
  run(args: string[]): Promise<void> {
    parseArgs({ args, options: {} });
    return takeMailOnInput({ path: '/api/v1/bounces', take: takeBounce });
  },
};
