// Says at the top of your page what is wrong with our service, while something is; shows nothing otherwise.
//   <script src="https://status.example.com/embed.js" async></script>          (data-position="bottom": at the bottom)
// Asks our server once, sets no cookie and stores nothing. Under a Content-Security-Policy it needs our address in
// script-src and connect-src. If we cannot be reached, nothing happens.
(async (script) => {
  try {
    const answer = await fetch(new URL('embed.json', script.src), {
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      signal: AbortSignal.timeout(5000),
    });
    const { state, page, headline, url } = await answer.json();
    if (!answer.ok || state === 'fine' || !/^https?:/.test(url)) return;
    if (!document.body) await new Promise((ready) => addEventListener('DOMContentLoaded', ready));

    const make = (name, attributes) => {
      const element = document.createElement(name);
      for (const key in attributes) element.setAttribute(key, attributes[key]);
      return element;
    };
    const low = script.dataset.position === 'bottom';
    const bar = make('candor-notice');
    const region = make('section', { 'aria-label': 'Service status', lang: 'en' });
    const said = make('p', { role: 'status', dir: 'auto' });
    const link = make('a', { href: url });
    const close = make('button', { type: 'button', 'aria-label': 'Close this notice' });
    close.textContent = '\u00d7';
    close.onclick = () => bar.remove();

    // A shadow tree: your styles do not touch ours, nor ours yours.
    const root = bar.attachShadow({ mode: 'open' });
    const style = new CSSStyleSheet();
    style.replaceSync(`
:host { display: block; }
section { all: initial; display: block; position: ${low ? 'fixed; inset: auto 0 0' : 'relative'}; z-index: 2147483647;
  color-scheme: only light; background: ${state === 'broken' ? '#a8320f' : '#3d4a9e'}; color: #fff;
  border-block: 1px solid #fff6; font: 16px/1.4 system-ui, sans-serif; }
div { display: flex; gap: 8px; align-items: center; max-width: 1100px; margin: auto; padding: 2px 4px 2px 16px; }
p { flex: 1; min-width: 0; margin: 8px 0; overflow-wrap: anywhere; }
a { color: inherit; text-underline-offset: 3px; }
button { flex: none; width: 44px; height: 44px; border: 0; background: none; color: inherit; font: 26px/1 system-ui; cursor: pointer; }
:focus-visible { outline: 3px solid #fff; outline-offset: -3px; border-radius: 6px; }
a:focus-visible { outline-offset: 3px; }`);
    root.adoptedStyleSheets = [style];
    const row = make('div');
    row.append(said, close);
    region.append(row);
    root.append(region);
    document.body[low ? 'after' : 'before'](bar); // beside your page, not in it
    // Only what comes into a region that is there already is read out.
    setTimeout(() => {
      link.textContent = `${page}: ${headline}`;
      said.append(link);
    }, 100);
  } catch {
    // Your page is more important than our notice.
  }
})(document.currentScript);
