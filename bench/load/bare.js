// The limit: nothing but node:http, sending one answer that was prepared before. In plain JavaScript, so that nothing is
// loaded into its process that a plain Node does not have.
import { readFileSync } from 'node:fs';
import http from 'node:http';

const { status, head, body } = JSON.parse(readFileSync(0, 'utf8'));
const bytes = Buffer.from(body, 'base64');

const server = http.createServer({ keepAliveTimeout: 75_000 }, (_, response) => {
  response.writeHead(status, head);
  if (status === 304) response.end();
  else response.end(bytes);
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 16_384 }, () =>
  console.log(`listening on http://127.0.0.1:${server.address().port}`),
);
