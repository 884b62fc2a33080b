// Adds the reader's own time to each UTC time: "21 Nov 2026, 19:00 UTC (Sat 20:00 for you)"; a day or a month has none. Public pages keep the place
// free from the first moment on (style.css), and nothing moves; the desk has none, and needs none where UTC is the time.
const isKept = !document.body.classList.contains('desk');
const form = new Intl.DateTimeFormat('en-GB', { weekday: 'short', hour: '2-digit', minute: '2-digit' });
for (const time of document.querySelectorAll('time[datetime*="T"]')) {
  const at = new Date(time.dateTime);
  if (Number.isNaN(at.getTime()) || (at.getTimezoneOffset() === 0 && !isKept)) continue;
  const beside = document.createElement('span');
  beside.className = 'local';
  beside.textContent = `(${form.format(at).replace(',', '')} for you)`;
  const between = document.createElement('span');
  between.className = 'unseen'; // the space for who hears or copies it; for the eye there is a margin
  between.textContent = ' ';
  time.append(between, beside);
  time.classList.add('both');
}
