import type { Config } from '../config.ts';
import { tryMailServer } from '../mailer.ts';
import { hostOf } from '../smtp-address.ts';
import { type Finding, fail, ok, reasonOf, warn } from './finding.ts';

/** Whether the mail server takes us; no mail is sent. */
export async function examineMailServer({ smtpUrl, dataDir }: Config): Promise<Finding> {
  if (smtpUrl === null) {
    return warn(
      'mail server',
      `SMTP_URL is not set: no mail leaves this machine, each becomes a file in ${dataDir}/mail.`,
      'Set SMTP_URL=smtp://user:password@host:587 once customers are to be told.',
    );
  }
  const where = hostOf(smtpUrl);
  try {
    const { encrypted, login } = await tryMailServer(smtpUrl);
    const how = `${where} takes us, ${encrypted ? 'encrypted' : 'in the clear'}, ${login ? 'with a login' : 'without a login'}.`;
    if (!login && new URL(smtpUrl).username !== '') {
      return warn(
        'mail server',
        `${how} It does not offer a login, though SMTP_URL has one.`,
        'Look at its port: 587 or 465 for a login.',
      );
    }
    return encrypted
      ? ok('mail server', how)
      : warn(
          'mail server',
          how,
          'Fine on one machine or network; elsewhere use a server that offers STARTTLS, or smtps://.',
        );
  } catch (error) {
    return fail(
      'mail server',
      `${where}: ${reasonOf(error)}.`,
      'Look at SMTP_URL: host, port, user and password. Mail waits meanwhile; none is lost.',
    );
  }
}
