import t from 'tap';
import { backoff, consequenceOf, type Fault } from '../../src/domain/retry.ts';

const fault = (stage: Fault['stage'], said: string | null, code: string | null = null): Fault => ({
  stage,
  responseCode: said === null ? null : Number(said.slice(0, 3)),
  enhancedCode: said?.match(/^\d{3} (\d\.\d+\.\d+)/)?.[1] ?? null,
  code,
  text: said ?? '',
});

t.test('what follows from a fault', async (t) => {
  for (const [consequence, stage, said, code] of [
    // the relay: everybody waits, nobody is burnt
    ['relay_down', 'connect', null, 'ECONNREFUSED'],
    ['relay_down', 'connect', null, 'EDNS'],
    ['relay_down', 'connect', null, 'ETLS'],
    ['relay_down', 'connect', null, 'ETIMEDOUT'],
    ['relay_down', 'connect', '554 you are not welcome', 'EPROTOCOL'],
    ['relay_down', 'connect', '535 5.7.8 bad password', 'EAUTH'],
    ['relay_down', 'sender', '530 5.7.0 log in first', 'EENVELOPE'],
    ['relay_down', 'recipient', '421 4.3.2 going down', 'EENVELOPE'],
    ['relay_down', 'message', '421 4.7.0 too many', 'EMESSAGE'],
    // later
    ['retry', 'recipient', '450 4.2.1 greylisted', 'EENVELOPE'],
    ['retry', 'message', '451 4.3.0 try again', 'EMESSAGE'],
    ['retry', 'recipient', '503 5.5.1 bad sequence', 'EENVELOPE'],
    ['retry', 'session', null, 'ECONNECTION'],
    ['retry', 'body', null, 'ECONNECTION'],
    ['retry', 'body', null, 'EABORT'],
    ['maybe_delivered', 'handed_over', null, 'ECONNECTION'],
    ['maybe_delivered', 'handed_over', null, 'ETIMEDOUT'],
    ['maybe_delivered', 'handed_over', null, 'EABORT'],
    // the address
    ['address_bad', 'recipient', '550 5.1.1 no such user', 'EENVELOPE'],
    ['address_bad', 'recipient', '550 5.1.10 null mx', 'EENVELOPE'],
    ['address_bad', 'recipient', '553 5.1.3 bad syntax', 'EENVELOPE'],
    ['address_bad', 'recipient', '550 user unknown', 'EENVELOPE'],
    // us
    ['refused_by_policy', 'recipient', '550 5.7.1 relaying denied', 'EENVELOPE'],
    ['refused_by_policy', 'recipient', '554 5.7.1 blocked', 'EENVELOPE'],
    ['refused_by_policy', 'recipient', '554 relay access denied', 'EENVELOPE'],
    ['refused_by_policy', 'recipient', '550 relaying denied', 'EENVELOPE'],
    ['refused_by_policy', 'message', '550 5.7.1 looks like spam', 'EMESSAGE'],
    ['refused_by_policy', 'sender', '550 5.1.7 bad sender', 'EENVELOPE'],
    ['refused_by_policy', 'sender', '553 not your address', 'EENVELOPE'],
    // this mail
    ['retry', 'recipient', '552 5.2.2 mailbox full', 'EENVELOPE'],
    ['retry', 'message', '552 5.2.2 mailbox full', 'EMESSAGE'],
    ['failed', 'recipient', '550 5.1.8 sender domain', 'EENVELOPE'],
    ['failed', 'message', '552 5.3.4 too big', 'EMESSAGE'],
    ['failed', 'message', '554 5.6.0 bad content', 'EMESSAGE'],
    ['failed', 'message', '554 no', 'EMESSAGE'],
    ['failed', 'session', null, 'EENVELOPE'],
  ] as const) {
    t.equal(consequenceOf(fault(stage, said, code)), consequence, `${stage}: ${said ?? code}`);
  }
});

t.test('pauses double from 30 s to an hour, with full jitter and never under a second', async (t) => {
  t.same(
    [1, 2, 3, 7, 8, 40].map((attempts) => backoff(attempts, 1)),
    [30_000, 60_000, 120_000, 1_920_000, 3_600_000, 3_600_000],
  );
  t.equal(backoff(3, 0.5), 60_000);
  t.equal(backoff(3, 0), 1_000);
});
