import nodemailer, { type SendMailOptions } from 'nodemailer';
import type { ToBare } from './messages.ts';

// Nothing but Nodemailer's pool: text and HTML of each mail, or bytes that were made before.
const [, , port, connections] = process.argv;
const transport = nodemailer.createTransport({
  host: '127.0.0.1',
  port: Number(port),
  pool: true,
  maxConnections: Number(connections),
});

process.on('message', async ({ people, raw, sample }: ToBare) => {
  const bytes = raw ? await composed(people, sample) : [];
  const mailOf = (n: number) =>
    raw
      ? { envelope: { from: 'status@localhost', to: addressOf(n) }, raw: bytes[n % bytes.length]! }
      : letter(n, sample);
  let next = 0;
  const slots = Array.from({ length: Number(connections) }, async () => {
    while (next < people) await transport.sendMail(mailOf(next++));
  });
  await Promise.all(slots);
  process.send!({ done: true });
});
process.send!({ ready: true });

function addressOf(n: number): string {
  return `p${n}@d${n % 50}.example`;
}

function letter(n: number, { subject, text, html, headers }: ToBare['sample']): SendMailOptions {
  const own = String(n).padStart(12, '0');
  return {
    from: { name: 'Status', address: 'status@localhost' },
    to: addressOf(n),
    subject,
    text: text.replaceAll('PERSON', own),
    html: html.replaceAll('PERSON', own),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replace('PERSON', own)]),
    ),
  };
}

async function composed(people: number, sample: ToBare['sample']): Promise<Buffer[]> {
  const composer = nodemailer.createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const few = Array.from({ length: Math.min(people, 500) }, (_, n) => composer.sendMail(letter(n, sample)));
  return (await Promise.all(few)).map(({ message }) => message as Buffer);
}
