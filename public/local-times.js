// Adds the reader's own time beside each UTC time: "21 Nov 2026, 19:00 UTC (20:00 for you)".
const sameDay = (a, b) => a.getDate() === b.getUTCDate() && a.getMonth() === b.getUTCMonth();
for (const time of document.querySelectorAll('time[datetime]')) {
  const at = new Date(time.dateTime);
  if (Number.isNaN(at.getTime()) || at.getTimezoneOffset() === 0) continue;
  const day = sameDay(at, at) ? {} : { day: 'numeric', month: 'short' };
  const local = new Intl.DateTimeFormat('en-GB', { ...day, hour: '2-digit', minute: '2-digit' }).format(at);
  const beside = document.createElement('span');
  beside.className = 'local';
  beside.textContent = `(${local} for you)`;
  time.after(' ', beside);
}
