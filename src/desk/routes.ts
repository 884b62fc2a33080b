import { doorRoutes } from './door.ts';
import { meRoutes } from './me.ts';
import type { DeskRoute } from './route.ts';

/** Every page and every act of the console; test/desk/rights.test.ts holds it against the table of rights. */
export const deskRoutes: DeskRoute[] = [...doorRoutes, ...meRoutes];
