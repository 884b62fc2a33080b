import { buildApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { connect } from '../../src/db.ts';
import { linksFor } from '../../src/links.ts';

// A process that serves pages and sends nothing.
const [, , databaseUrl] = process.argv;
const config = readConfig({ NOTIFIER: 'off' });
const database = await connect({ databaseUrl: databaseUrl!, dataDir: '' });
const app = await buildApp({ config, database, links: linksFor(Buffer.alloc(32, 1)) });
process.send!({ ready: await app.listen({ port: 0, host: '127.0.0.1' }) });
