import type { ReportForm } from '../domain/report-form.ts';
import type { Page, Shell } from '../shell.ts';
import { view } from '../views.ts';

interface FormPage extends Page {
  form: ReportForm;
}

interface MeTooPage extends FormPage {
  id: string;
  heading: string;
  closed: boolean;
}

interface LeavePage extends Page {
  heading: string;
  text: string;
  /** Where the button posts to; null when it is done. */
  action: string | null;
  button: string;
  back: string;
}

const renderReport = view<FormPage>('report.eta');
const renderMeToo = view<MeTooPage>('me-too.eta');
const renderLeave = view<LeavePage>('leave.eta');

/** The page on which she tells us what is going wrong. */
export function reportPage(shell: Shell, form: ReportForm): string {
  const title = isRefused(form) ? 'Not sent yet: tell us' : 'Tell us what is going wrong';
  const description = `Something is wrong with ${shell.pageName}? Tell us in your own words, without signing in; a person reads it.`;
  return renderReport({ shell, title, description, canonical: '/report', here: 'report', form });
}

/** A "me too" that could not be taken as it was, given back to her. */
export function meTooPage(
  shell: Shell,
  issue: { id: string; title: string; closed: boolean },
  form: ReportForm,
): string {
  const { id, title, closed } = issue;
  return renderMeToo({ shell, title: `Not sent yet: ${title}`, id, heading: title, closed, form });
}

/** The pages behind "this was not me" and "no more mail": a question with one button, or that it is done. */
export function leavePage(
  shell: Shell,
  of: { token: string; own: string },
  why: 'not-me' | 'unsubscribe',
  done: boolean,
): string {
  const words = done ? doneWords : askWords[why];
  return renderLeave({
    shell,
    title: words.heading,
    heading: words.heading,
    text: words.text,
    action: done ? null : `/r/${of.token}/${why}`,
    button: done ? '' : askWords[why].button,
    back: `/r/${of.own}`,
  });
}

const askWords = {
  'not-me': {
    heading: 'Was this not you?',
    text: 'Somebody gave us your address when telling us that something is broken. If it was not you, we remove the address and write to you no more about it.',
    button: 'It was not me, remove my address',
  },
  unsubscribe: {
    heading: 'No more mail about this?',
    text: 'We remove your address and write to you no more about it, not even when it is fixed. What you told us stays with us.',
    button: 'Write to me no more about this',
  },
};

const doneWords = {
  heading: 'Your address is removed',
  text: 'We write to you no more about this. A mail that was already on its way may still arrive.',
};

function isRefused(form: ReportForm): boolean {
  return form.errors.length > 0 || form.notice !== '';
}
