import { Conflict } from '../errors.ts';
import { resumeSending } from '../notifications/hold.ts';
import { act, type DeskRoute } from './route.ts';

/** Lets mail go that was held when a backup was brought back. */
export const sendingRoutes: DeskRoute[] = [
  act('POST /admin/sending/resume', (visit) =>
    visit.change(async (trx) => {
      const held = await resumeSending(trx, visit.at);
      if (!held) throw new Conflict('Mail goes out already: somebody let it go before you.');
      const detail = { held_since: held.since.toISOString(), reason: held.reason };
      return { to: '/admin?said=resumed', about: 'sending', detail };
    }),
  ),
];
