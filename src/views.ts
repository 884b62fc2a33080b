import { fileURLToPath } from 'node:url';
import { Eta } from 'eta';
import { ownFiles } from './own-files.ts';
import { timeRender } from './timings.ts';

const eta = new Eta({
  views: fileURLToPath(new URL('views', ownFiles)),
  cache: true,
  autoEscape: true,
  autoTrim: false,
  useWith: false,
  varName: 'it',
});

/** A view by its file's name in views/, as a function of its one model. Values are escaped by `<%= %>`. */
export function view<Model extends object>(name: string): (model: Model) => string {
  const shown = name.replace(/\.eta$/, '');
  return (model) => timeRender(shown, () => eta.render(`./${name}`, model));
}
