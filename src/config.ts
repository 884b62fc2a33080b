import { resolve } from 'node:path';
import ipaddr from 'ipaddr.js';
import * as z from 'zod';
import { readAddress } from './address.ts';
import { CannotStart } from './errors.ts';

export interface Mailbox {
  readonly name: string;
  readonly address: string;
}

/** Single sign-on by OpenID Connect. */
export interface Oidc {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Whose addresses may come in without an invitation; null: only who was invited may. */
  readonly domain: string | null;
  /** The claim that names a role. */
  readonly roleClaim: string | null;
}

export interface Config {
  readonly host: string;
  readonly port: number;
  /** Without a slash at the end; the only source of absolute links. */
  readonly baseUrl: string;
  readonly databaseUrl: string | null;
  readonly dataDir: string;
  readonly smtpUrl: string | null;
  readonly mailFrom: Mailbox;
  /** Mails that come back go to this address with a signed tag in it; null: to the sender, without one. */
  readonly bounceAddress: string | null;
  readonly pageName: string;
  readonly supportUrl: string | null;
  readonly supportEmail: string | null;
  /** As people write it: +49 30 1234567. */
  readonly supportPhone: string | null;
  /** When a person answers, in words: Monday to Friday, 9:00 to 17:00 in Berlin. */
  readonly supportHours: string | null;
  readonly adminToken: string | null;
  readonly notifier: boolean;
  readonly notifierCron: string;
  /** Addresses and networks whose X-Forwarded-For we believe. */
  readonly trustProxy: readonly string[];
  readonly logLevel: string;
  /** Which known bugs Statuspage's API lists among the incidents: those that touch a component, all, or none. */
  readonly apiV2Bugs: 'affected' | 'all' | 'none';
  /** Whose webhooks may lead into private networks, and by plain http: nobody's, the page's own, or everybody's. */
  readonly webhooksAllowPrivate: 'off' | 'staff' | 'on';
  /** When "it does not work for me" puts a fixed issue back on the desk: so many, and such a share of all who answered. */
  readonly doubt: { readonly least: number; readonly share: number };
  /** Whether `/promise` shows our figures: all, or none. */
  readonly figures: boolean;
  readonly oidc: Oidc | null;
}

const onOff = z.enum(['on', 'off'], 'must be on or off').transform((word) => word === 'on');

const webAddress = z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' });

const mailbox = z.string().transform((text, context): Mailbox => {
  const [, name = '', inside] = /^([^<>]*)<([^<>]+)>\s*$/.exec(text) ?? [];
  const address = readLocalAddress((inside ?? text).trim());
  if (address) return { name: name.trim().replace(/^"|"$/g, ''), address };
  context.issues.push({ code: 'custom', input: text, message: 'must look like Name <status@example.com>' });
  return z.NEVER;
});

const proxies = z.string().transform((text, context): string[] => {
  if (text === 'off') return [];
  const names = ['loopback', 'linklocal', 'uniquelocal'];
  const list = text.split(',').map((one) => one.trim());
  if (list.every((one) => names.includes(one) || ipaddr.isValid(one) || ipaddr.isValidCIDR(one))) return list;
  context.issues.push({
    code: 'custom',
    input: text,
    message: `must be off, or a comma-separated list of the proxies' addresses or networks (10.0.0.0/8, ::1), or ${names.join(', ')}`,
  });
  return z.NEVER;
});

const issuer = z
  .url({
    protocol: /^https?$/,
    error: 'must be an https:// address, as your provider names itself',
    abort: true,
  })
  .refine(
    (text) => text.startsWith('https:') || isLoopback(new URL(text).hostname),
    'must begin with https:// (http:// only for a provider on this machine)',
  );

function wholeNumber(least: number, most: number, what = 'a whole number') {
  const said = `must be ${what} from ${least} to ${most}`;
  return z.string().transform(Number).pipe(z.int(said).min(least, said).max(most, said));
}

const environment = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: wholeNumber(0, 65_535, 'a port number').prefault('3000'),
  BASE_URL: webAddress
    .transform((text) => text.replace(/\/+$/, ''))
    .refine(
      (text) => text === new URL(text).origin,
      'must be an origin, without a path: https://status.example.com',
    )
    .optional(),
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'must be postgres://user:password@host:5432/database' })
    .optional(),
  DATA_DIR: z.string().default('./data'),
  SMTP_URL: z
    .url({ protocol: /^smtps?$/, error: 'must be smtp://user:password@host:587 or smtps://…' })
    .optional(),
  MAIL_FROM: mailbox.prefault('Status <status@localhost>'),
  BOUNCE_ADDRESS: z
    .string()
    .refine((text) => text === 'off' || readLocalAddress(text) !== null, 'must be a mail address, or off')
    .optional(),
  PAGE_NAME: z.string().max(80, 'must be at most 80 characters').default('Status'),
  SUPPORT_URL: webAddress.optional(),
  SUPPORT_EMAIL: z
    .string()
    .refine((text) => readAddress(text) !== null, 'must be a mail address')
    .optional(),
  SUPPORT_PHONE: z
    .string()
    .regex(/^\+?[0-9][0-9 ()/.-]{3,30}$/, 'must be a phone number: +49 30 1234567')
    .optional(),
  SUPPORT_HOURS: z.string().max(120, 'must be at most 120 characters').optional(),
  ADMIN_TOKEN: z.string().min(16, 'must have at least 16 characters').optional(),
  NOTIFIER: onOff.prefault('on'),
  NOTIFIER_CRON: z.string().default('*/5 * * * * *'),
  TRUST_PROXY: proxies.prefault('off'),
  LOG_LEVEL: z
    .enum(
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      'must be trace, debug, info, warn, error, fatal or silent',
    )
    .default('info'),
  API_V2_BUGS: z.enum(['affected', 'all', 'none'], 'must be affected, all or none').default('affected'),
  WEBHOOKS_ALLOW_PRIVATE: z.enum(['off', 'staff', 'on'], 'must be off, staff or on').default('off'),
  DOUBT_LEAST: wholeNumber(1, 1_000_000).prefault('3'),
  DOUBT_SHARE: wholeNumber(0, 100).prefault('10'),
  FIGURES: onOff.prefault('on'),
  OIDC_ISSUER: issuer.optional(),
  OIDC_CLIENT_ID: z.string().optional(),
  OIDC_CLIENT_SECRET: z.string().optional(),
  OIDC_DOMAIN: z
    .string()
    .toLowerCase()
    .regex(/^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,}$/, 'must be a domain: example.com')
    .optional(),
  OIDC_ROLE_CLAIM: z.string().optional(),
});

/** Reads the environment; an empty variable counts as not set. Throws CannotStart naming the variable that is wrong. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const set = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const read = environment.safeParse(set);
  if (!read.success) {
    const { path, message } = read.error.issues[0]!;
    throw new CannotStart(`${String(path[0])} ${message}`);
  }
  const e = read.data;
  return Object.freeze({
    host: e.HOST,
    port: e.PORT,
    baseUrl: e.BASE_URL ?? `http://localhost:${e.PORT}`,
    databaseUrl: e.DATABASE_URL ?? null,
    dataDir: resolve(e.DATA_DIR),
    smtpUrl: e.SMTP_URL ?? null,
    mailFrom: e.MAIL_FROM,
    bounceAddress: bouncesTo(e),
    pageName: e.PAGE_NAME,
    supportUrl: e.SUPPORT_URL ?? null,
    supportEmail: e.SUPPORT_EMAIL ?? null,
    supportPhone: e.SUPPORT_PHONE ?? null,
    supportHours: e.SUPPORT_HOURS ?? null,
    adminToken: e.ADMIN_TOKEN ?? null,
    notifier: e.NOTIFIER,
    notifierCron: e.NOTIFIER_CRON,
    trustProxy: e.TRUST_PROXY,
    logLevel: e.LOG_LEVEL,
    apiV2Bugs: e.API_V2_BUGS,
    webhooksAllowPrivate: e.WEBHOOKS_ALLOW_PRIVATE,
    doubt: Object.freeze({ least: e.DOUBT_LEAST, share: e.DOUBT_SHARE / 100 }),
    figures: e.FIGURES,
    oidc: readOidc(e),
  });
}

/** Whoever lets us in by a login often takes mail from that account's address alone; a relay of one's own takes any. */
function bouncesTo({ BOUNCE_ADDRESS, SMTP_URL, MAIL_FROM }: z.output<typeof environment>): string | null {
  if (BOUNCE_ADDRESS !== undefined) return BOUNCE_ADDRESS === 'off' ? null : BOUNCE_ADDRESS.trim();
  return SMTP_URL && new URL(SMTP_URL).username === '' ? MAIL_FROM.address : null;
}

/** All of it or nothing; half a single sign-on would be found out by whoever stands before the door. */
function readOidc(e: z.output<typeof environment>): Oidc | null {
  const { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, OIDC_DOMAIN, OIDC_ROLE_CLAIM } = e;
  if (OIDC_ISSUER && OIDC_CLIENT_ID && OIDC_CLIENT_SECRET) {
    return {
      issuer: OIDC_ISSUER,
      clientId: OIDC_CLIENT_ID,
      clientSecret: OIDC_CLIENT_SECRET,
      domain: OIDC_DOMAIN ?? null,
      roleClaim: OIDC_ROLE_CLAIM ?? null,
    };
  }
  const needed = { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET };
  const all = Object.entries({ ...needed, OIDC_DOMAIN, OIDC_ROLE_CLAIM });
  const [given] = all.find(([, value]) => value !== undefined) ?? [];
  if (given === undefined) return null;
  const [missing] = Object.entries(needed).find(([, value]) => value === undefined)!;
  throw new CannotStart(`${missing} must be set too, since ${given} is.`);
}

function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  return bare === 'localhost' || (ipaddr.isValid(bare) && ipaddr.process(bare).range() === 'loopback');
}

/** As readAddress, but a host of one word is allowed for the sender: status@localhost. */
function readLocalAddress(text: string): string | null {
  return readAddress(text.replace(/@([a-z0-9-]+)$/i, '@$1.test')) === null ? null : text;
}
