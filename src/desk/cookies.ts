import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config.ts';

/** The console's cookies; readers of the page never get one. */
export interface Cookies {
  session(request: FastifyRequest): string | null;
  keepSession(reply: FastifyReply, secret: string): void;
  dropSession(reply: FastifyReply): void;
  /** A random value for whoever is not signed in, so that the sign-in form cannot be sent from elsewhere. */
  door(request: FastifyRequest, reply: FastifyReply, make: () => string): string;
  /** Marks of who signed in from this browser before. */
  known(request: FastifyRequest): string | null;
  keepKnown(reply: FastifyReply, marks: string): void;
  /** What a single sign-on that has begun must come back with. */
  begun(request: FastifyRequest): string | null;
  keepBegun(reply: FastifyReply, sealed: string): void;
  dropBegun(reply: FastifyReply): void;
}

const day = 86_400;

/** `__Host-` where BASE_URL is https: no other host, path or plain connection can set or read them. */
export function cookiesOf({ baseUrl }: Pick<Config, 'baseUrl'>): Cookies {
  const secure = baseUrl.startsWith('https:');
  const prefix = secure ? '__Host-candor' : 'candor';
  const options: CookieSerializeOptions = { path: '/', httpOnly: true, secure, sameSite: 'lax' };
  const read = (request: FastifyRequest, name: string) => request.cookies[`${prefix}-${name}`] || null;
  const write = (reply: FastifyReply, name: string, value: string, more: CookieSerializeOptions = {}) =>
    void reply.setCookie(`${prefix}-${name}`, value, { ...options, ...more });
  return {
    session: (request) => read(request, 'session'),
    keepSession: (reply, secret) => write(reply, 'session', secret, { maxAge: 7 * day }),
    dropSession: (reply) => void reply.clearCookie(`${prefix}-session`, options),
    door(request, reply, make) {
      const there = read(request, 'door');
      if (there) return there;
      const made = make();
      write(reply, 'door', made);
      return made;
    },
    known: (request) => read(request, 'known'),
    keepKnown: (reply, marks) => write(reply, 'known', marks, { maxAge: 365 * day }),
    begun: (request) => read(request, 'sso'),
    keepBegun: (reply, sealed) => write(reply, 'sso', sealed, { maxAge: 600 }),
    dropBegun: (reply) => void reply.clearCookie(`${prefix}-sso`, options),
  };
}
