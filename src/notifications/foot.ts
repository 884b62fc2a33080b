import type { Person } from '../domain/person.ts';
import type { Page } from './email-model.ts';
import type { Words } from './letter.ts';

/** Where the ledger stood when a mail was tried first. */
export interface LedgerMark {
  seq: number;
  hash: string;
}

/** What the foot of a mail reads: how to reach a person, and by what it can be checked that we rewrote nothing. */
export interface Foot extends Person {
  /** Empty where the ledger is, and in mails to staff. */
  ledger: string;
}

/** The foot of a mail from this page. */
export function footOf(page: Page, words: Words): Foot {
  const { supportUrl, supportEmail, supportPhone, supportHours, ledger } = page;
  return {
    supportUrl,
    supportEmail,
    supportPhone: supportPhone && words.line(supportPhone),
    supportHours: supportHours && words.line(supportHours),
    ledger: ledger ? words.small(ledgerWords(page.baseUrl, ledger)) : '',
  };
}

function ledgerWords(baseUrl: string, { seq, hash }: LedgerMark): string {
  return `When we wrote this, our public ledger stood at entry ${seq}, ${hash.slice(0, 16)}. With that anybody can check that we have rewritten nothing: ${baseUrl}/ledger`;
}
