import type { Fault, Stage } from './domain/retry.ts';

/** A mail that was not sent; `fault` says how far it came. The text holds no address and no password. */
export class MailFault extends Error {
  readonly fault: Fault;
  constructor(message: string, fault: Fault) {
    super(message);
    this.fault = fault;
  }
}

export interface SmtpError extends Error {
  code?: string;
  originalCode?: string;
  command?: string;
  response?: string;
  responseCode?: number;
}

/** The connection was gone before anything was said on it. */
export function isClosedUnused(error: unknown): boolean {
  const { code, command } = error as SmtpError;
  return code === 'ECONNECTION' && command === undefined;
}

const answeredAt: Record<string, Stage> = {
  'MAIL FROM': 'sender',
  'RCPT TO': 'recipient',
  DATA: 'message',
};

/** What a failure of the library says about the mail. `reached` is how far it had come. */
export function faultOf(error: SmtpError, reached: Stage, secrets: string[]): MailFault {
  const responseCode = error.responseCode || null;
  const said = withoutSecrets(error.response ?? error.message ?? '', secrets);
  const enhancedCode = /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(error.response ?? '')?.[1] ?? null;
  const code = error.originalCode ?? error.code ?? null;
  const answered = responseCode || error.code === 'EENVELOPE' || error.code === 'EMESSAGE';
  const stage = (answered && reached !== 'connect' && answeredAt[error.command ?? '']) || reached;
  const login = error.code === 'EAUTH';
  const fault: Fault = { stage, responseCode, enhancedCode, code: login ? 'EAUTH' : code, text: said };
  const what = {
    connect: login ? 'the mail server refuses our login' : 'no connection to the mail server',
    sender: 'the mail server refused our sender address',
    recipient: 'the mail server refused the address',
    message: 'the mail server refused the message',
    session: 'the connection was lost before the message began',
    body: 'the connection was lost inside the message',
    handed_over: 'the connection was lost after the whole message was handed over',
  }[stage];
  return new MailFault(`${what}: ${responseCode ? said : (code ?? said)}`, fault);
}

/** Servers repeat addresses, and sometimes what we logged in with, in their answers. */
function withoutSecrets(text: string, secrets: string[]): string {
  const line = text.replace(/\s+/g, ' ').replace(/<?[^\s<>@]+@[^\s<>]+>?/g, '(address)');
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), line).slice(0, 200);
}
