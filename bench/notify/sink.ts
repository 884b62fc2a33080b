import { createServer } from 'node:net';
import type { FromSink, ToSink } from './messages.ts';

// A mail server in a process of its own that takes everything as cheaply as it can, and counts.
let expected = 0;
let mails = 0;
let firstAt = 0;
let people = new Set<string>();
const now = () => performance.timeOrigin + performance.now();
const say = (message: FromSink) => process.send!(message);

const server = createServer({ noDelay: true }, (socket) => {
  let rest = '';
  let inside = false;
  socket.setEncoding('latin1');
  socket.on('error', () => {});
  socket.write('220 sink ESMTP\r\n');
  socket.on('data', (chunk: string) => {
    rest += chunk;
    let answers = '';
    for (;;) {
      const at = rest.indexOf(inside ? '\r\n.\r\n' : '\r\n');
      if (at < 0) break;
      const line = inside ? '.' : rest.slice(0, at);
      rest = rest.slice(at + (inside ? 5 : 2));
      answers += answerTo(line);
      inside = /^data/i.test(line);
    }
    if (answers) socket.write(answers);
    if (answers.includes('221')) socket.end();
  });
});

function answerTo(line: string): string {
  if (line === '.') return taken();
  if (/^ehlo/i.test(line)) return '250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n';
  if (/^data/i.test(line)) return '354 go on\r\n';
  if (/^quit/i.test(line)) return '221 bye\r\n';
  if (/^rcpt/i.test(line)) people.add(line);
  return '250 ok\r\n';
}

function taken(): string {
  if (mails++ === 0) firstAt = now();
  if (mails === expected) say({ all: { firstAt, lastAt: now(), mails, people: people.size } });
  return '250 ok\r\n';
}

process.on('message', (message: ToSink) => {
  if ('count' in message) return say({ mails, people: people.size });
  expected = message.expect;
  mails = 0;
  people = new Set();
  say({ ready: (server.address() as { port: number }).port });
});
server.listen(0, '127.0.0.1', () => say({ ready: (server.address() as { port: number }).port }));
