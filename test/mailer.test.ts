import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import PostalMime from 'postal-mime';
import t from 'tap';
import { openMailer } from '../src/mailer.ts';

t.test('without a mail server every mail is one file, also when it is written twice', async (t) => {
  const folder = t.testdir();
  const mailer = openMailer({
    smtpUrl: null,
    dataDir: folder,
    from: { name: 'Status', address: 'status@localhost' },
  });
  const letter = {
    messageId: '<0b5f-1@status.example.org>',
    date: new Date('2026-11-21T19:00:00Z'),
    to: 'a@example.com',
    replyTo: null,
    subject: 'Grüße',
    text: 'Hello.\n',
    html: '<p>Hello.</p>',
    headers: {},
    thread: null,
  };
  await mailer.send(letter);
  const files = () => readdirSync(join(folder, 'mail'));
  t.same(files(), ['0b5f-1.eml']);
  const bytes = readFileSync(join(folder, 'mail', files()[0]!));
  await mailer.send(letter);
  t.same(files(), ['0b5f-1.eml']);
  t.same(readFileSync(join(folder, 'mail', files()[0]!)), bytes);
  const mail = await PostalMime.parse(bytes);
  t.match(mail, { subject: 'Grüße', messageId: letter.messageId, text: /^Hello\.\s*$/ });
  t.match(mailer.where, /no mail leaves this machine.*mail\.$/);
  t.notMatch(
    openMailer({ smtpUrl: 'smtp://u:secret@h:25', dataDir: folder, from: { name: '', address: 'a@b.c' } })
      .where,
    'secret',
  );
});
