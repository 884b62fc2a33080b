import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendWithValidators } from './conditional.ts';
import type { Config } from './config.ts';
import { type Way, waysTo } from './domain/person.ts';
import { ownFiles } from './own-files.ts';

/** What every page needs around it; a page's model carries it as `shell`. */
export interface Shell {
  pageName: string;
  baseUrl: string;
  /** How to reach a person; none: by telling us here. */
  person: { ways: Way[]; hours: string };
  /** Whether our figures are shown. */
  figures: boolean;
  /** No mail server is set up: mails are written to files. */
  mailsToFiles: boolean;
  /** When so many doubt a fix that we look at it again. */
  doubt: Config['doubt'];
  style: string;
  script: string;
  icon: string;
}

/** What the layout reads of a page's model. */
export interface Page {
  shell: Shell;
  /** For the browser's tab; the page's name follows it. */
  title: string;
  description?: string;
  /** Path of the page's one address, for search engines; none: they are asked to stay away. */
  canonical?: string;
  /** Which entry of the navigation is this page. */
  here?: 'now' | 'report' | 'history' | 'subscribe';
  /** The path under which its own feeds stand; without it the page's feeds are named. */
  feedsAt?: string;
  /** It says itself how to reach a person, so that its foot need not. */
  personSaid?: boolean;
}

const folder = new URL('public/', ownFiles);

/** A file of public/ at an address that changes with its content, so that it may be kept for ever. */
export function asset(name: string): string {
  const hash = createHash('sha256')
    .update(readFileSync(new URL(name, folder)))
    .digest('base64url');
  return `/assets/${name}?v=${hash.slice(0, 10)}`;
}

const named = new Set(readdirSync(folder).map(asset));

/** Whether our pages name this address; another one may be meant for a file of the version before, or after. */
export function isNamedByUs(url: string): boolean {
  return named.has(url);
}

const style = asset('style.css');
const script = asset('local-times.js');
const icon = asset('favicon.svg');

/** The frame of every page: its name, how to reach a person, the style. */
export function shellOf(config: Config): Shell {
  const { pageName, baseUrl, figures, doubt } = config;
  const mailsToFiles = config.smtpUrl === null;
  const person = { ways: waysTo(config), hours: config.supportHours ?? '' };
  return { pageName, baseUrl, person, figures, mailsToFiles, doubt, style, script, icon };
}

/** Answers with a page anybody may see and keep for some seconds. */
export function sendPublic(request: FastifyRequest, reply: FastifyReply, html: string): FastifyReply {
  return sendWithValidators(request, reply, {
    body: html,
    type: 'text/html; charset=utf-8',
    updatedAt: null,
  });
}

/** Answers with a page for one person: kept nowhere, found by no search engine. */
export function sendPrivate(reply: FastifyReply, html: string): FastifyReply {
  return reply
    .header('cache-control', 'no-store')
    .header('x-robots-tag', 'noindex')
    .header('referrer-policy', 'no-referrer')
    .type('text/html; charset=utf-8')
    .send(html);
}
