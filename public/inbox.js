// Keys for the inbox. They work only while the focus is inside the list, so that they disturb nobody elsewhere;
// whatever they do, Tab and Enter do too.
const list = document.getElementById('groups');
const help = document.getElementById('keys');
const groups = [...list.querySelectorAll('article')];
const place = 'candor-inbox-place';

help.hidden = false;
for (const [index, group] of groups.entries()) group.tabIndex = index === 0 ? 0 : -1;

list.addEventListener('focusin', ({ target }) => {
  const here = target.closest('article');
  for (const group of groups) group.tabIndex = group === here ? 0 : -1;
});

list.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input, textarea, select'))
    return;
  const here = event.target.closest('article');
  const { key } = event;
  if (key === '?') help.open = !help.open;
  else if (key === 'j' || key === 'ArrowDown') move(here, 1);
  else if (key === 'k' || key === 'ArrowUp') move(here, -1);
  else if (key === 'u') press(document.querySelector('.said [data-key="u"]'), here);
  else if (key === 'Enter' && event.target === here) press(here.querySelector('[data-key="o"]'), here);
  else if (/^[123naso]$/.test(key)) press(here.querySelector(`[data-key="${key}"]`), here);
  else return;
  event.preventDefault();
});

function move(here, by) {
  const next = groups[groups.indexOf(here) + by];
  if (!next) return;
  next.focus();
  next.scrollIntoView({ block: 'nearest' });
}

/** The page that comes back begins where she was. */
function press(button, here) {
  if (!button) return;
  try {
    sessionStorage.setItem(place, String(groups.indexOf(here)));
  } catch {
    // A browser that keeps nothing begins at the top.
  }
  button.click();
}

try {
  const was = sessionStorage.getItem(place);
  sessionStorage.removeItem(place);
  if (was !== null) groups[Math.min(Number(was), groups.length - 1)]?.focus();
} catch {
  // The same.
}
