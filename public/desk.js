// What the console does more with JavaScript; everything works without it too.
const csrf = document.querySelector('input[name=csrf]')?.value ?? '';

// Preview and advice while one writes.
for (const box of document.querySelectorAll('.writing')) {
  const text = box.querySelector('textarea');
  const form = text.form;
  const out = box.querySelector('.read-over');
  let timer = 0;
  let asked = 0;
  const read = async () => {
    const turn = ++asked;
    if (text.value.trim() === '') return out.replaceChildren();
    const body = new URLSearchParams({ csrf, message: text.value, occasion: box.dataset.occasion });
    for (const name of ['next_update', 'workaround', 'kind']) {
      const value = form.elements.namedItem(name)?.value;
      if (value) body.set(name, value);
    }
    try {
      const answer = await fetch('/admin/preview', { method: 'POST', body });
      if (answer.ok && turn === asked) out.innerHTML = await answer.text(); // made by our own server, and escaped there
    } catch {
      // Without a network the words stay, and the next key tries again.
    }
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(read, 400);
  };
  form.addEventListener('input', soon);
  form.addEventListener('change', soon);
  if (text.value.trim() !== '' && !out.firstElementChild) soon();
}

// The field for a time of one's own is shown where it is chosen.
for (const field of document.querySelectorAll('[data-for]')) {
  const [name, value] = field.dataset.for.split(':');
  const select = field.form.elements.namedItem(name);
  const fit = () => {
    field.hidden = select.value !== value;
  };
  select.addEventListener('change', fit);
  fit();
}

// The mails of an issue while they go out. Aloud only every tenth part, and when all is done.
for (const sheet of document.querySelectorAll('[data-mail]')) {
  const until = Date.now() + 600_000;
  const bar = sheet.querySelector('progress');
  const said = sheet.querySelector('[data-mail-said]');
  let tenth = Math.floor((10 * bar.value) / bar.max);
  const look = async () => {
    try {
      const answer = await fetch(sheet.dataset.mail, { headers: { accept: 'application/json' } });
      if (!answer.ok || answer.redirected) return; // signed out: the page stays as it is
      show(await answer.json());
    } catch {
      next(); // without a network, once more
    }
  };
  const next = () => {
    if (Date.now() < until) setTimeout(look, 1000);
  };
  const show = (now) => {
    bar.max = now.total;
    bar.value = now.ended;
    sheet.querySelector('[data-mail-text]').textContent = now.text;
    for (const count of document.querySelectorAll('[data-mail-count]')) {
      count.textContent = now[count.dataset.mailCount];
    }
    const reached = Math.floor((10 * now.ended) / now.total);
    if (reached > tenth || !now.moving) said.textContent = now.text;
    tenth = reached;
    if (now.moving) next();
    else settled().catch(() => {});
  };
  // What stands below was true when the page was made. Whoever is at work in it keeps it as it is.
  const settled = async () => {
    const answer = await fetch(location.href);
    if (!answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const old = below(document);
    if (old.some((one) => one.contains(document.activeElement))) return;
    for (const one of old) one.remove();
    sheet.after(...below(fresh));
    const again = sheet.querySelector('.deeds');
    if (!again?.contains(document.activeElement)) again?.remove();
  };
  const below = (page) => [...page.querySelectorAll('section:has(#how-far) ~ *')];
  next();
}
