import type { FastifyInstance, FastifyReply, FastifyRequest, RouteGenericInterface } from 'fastify';

/** Takes what a mail program posts by itself (RFC 8058): in whatever type it likes, from anywhere, and never read. */
export function takeOneClick<Route extends RouteGenericInterface>(
  app: FastifyInstance,
  path: string,
  answer: (request: FastifyRequest<Route>, reply: FastifyReply) => Promise<FastifyReply>,
): void {
  app.register(async (oneClick) => {
    oneClick.removeAllContentTypeParsers();
    oneClick.addContentTypeParser('*', { parseAs: 'string' }, (_request, _body, done) => done(null, null));
    oneClick.post(path, async (request, reply) => answer(request as FastifyRequest<Route>, reply));
  });
}
