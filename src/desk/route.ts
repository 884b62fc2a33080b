import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Trx } from '../db.ts';
import type { Signed } from '../staff/sessions.ts';
import type { Desk, DeskParts } from './frame.ts';
import type { Act, Look, rights } from './rights.ts';

/** Somebody at the console, asking for something. */
export interface Visit extends DeskParts {
  staff: Signed;
  desk: Desk;
  params: Record<string, string>;
  query: Record<string, string | undefined>;
  /** When she asked. */
  at: Date;
  request: FastifyRequest;
  reply: FastifyReply;
  /**
   * Runs the work in one transaction together with its line in the audit. An act must end in what this answers, so
   * that nothing is changed without a trace; where the work answers with a page alone, or throws, nothing is kept.
   */
  change(work: (trx: Trx) => Promise<Outcome>): Promise<Outcome>;
}

/** The same at the door, where nobody need be signed in. */
export interface Guest extends Omit<Visit, 'staff'> {
  staff: Signed | null;
}

/** The fields of a form as they were typed; a field that came several times has them all. */
export type Fields = Record<string, string | string[] | undefined>;

/** A page, something to keep as a file, or the way to another address. */
export type Shown =
  | string
  | { html: string; status: number }
  | { body: string | Readable; type: string; file?: string }
  | { redirect: string };

/** What an act did: where to go from here, and what the audit keeps of it. */
export interface Done {
  to: string;
  /** Shown instead of going there: something that is to be read once. */
  page?: Shown;
  /** issue:ID, report:ID, staff:ID, token:ID … */
  about?: string;
  detail?: Record<string, unknown>;
  /** Only where the act was about one. */
  address?: string;
  /** Which act it was, where another one brought it about. */
  as?: Act;
  /** Whose act it was, where nobody was signed in before. */
  by?: { id: string; name: string };
}

/** Done, or not: then the page that gives the form back. */
export type Outcome = Done | { page: Shown; to?: undefined };

export type DeskRoute =
  | { name: Look; look(visit: Guest): Promise<Shown> | Shown }
  | { name: Act; act(visit: Guest, fields: Fields): Promise<Outcome>; bodyLimit: number | undefined };

/** The addresses that nobody need be signed in for. */
type Door = {
  [Name in keyof typeof rights]: (typeof rights)[Name]['needs'] extends 'everybody' ? Name : never;
}[keyof typeof rights];

/** Who visits an address: whoever the table of rights lets in. */
type VisitorOf<Name extends keyof typeof rights> = Name extends Door ? Guest : Visit;

/** A page of the console. A GET changes nothing. */
export function look<Name extends Look>(
  name: Name,
  run: (visit: VisitorOf<Name>) => Promise<Shown> | Shown,
): DeskRoute {
  return { name, look: run as (visit: Guest) => Promise<Shown> };
}

/** Something staff do; it answers with what `visit.change` answered, or with the page that gives the form back. */
export function act<Name extends Act>(
  name: Name,
  run: (visit: VisitorOf<Name>, fields: Fields) => Promise<Outcome>,
  bodyLimit?: number,
): DeskRoute {
  return { name, act: run as (visit: Guest, fields: Fields) => Promise<Outcome>, bodyLimit };
}
