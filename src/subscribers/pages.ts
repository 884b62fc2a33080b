import type { Choices } from '../domain/hearing.ts';
import type { Page, Shell } from '../shell.ts';
import { view } from '../views.ts';
import type { SubscribeForm } from './form.ts';
import { type HearingFields, wrongIn } from './hearing-fields.ts';
import type { OwnLine } from './own-lines.ts';

interface SubscribePage extends Page {
  form: SubscribeForm;
  hearing: HearingFields;
  /** The issue she comes from; null where she comes from none. */
  issue: { id: string; title: string } | null;
}

interface StepPage extends Page {
  /** Above the heading: whose page it is. */
  own: boolean;
  heading: string;
  paragraphs: string[];
  /** What she asked for, one sentence a line. */
  lines: OwnLine[];
  action: string;
  /** Empty where there is nothing to press. */
  button: string;
  links: { href: string; text: string }[];
}

const renderForm = view<SubscribePage>('subscribe.eta');
const renderStep = view<StepPage>('subscription-step.eta');

/** The page on which somebody asks to hear from us. */
export function subscribePage(
  shell: Shell,
  form: SubscribeForm,
  { groups, issue }: { groups: HearingFields['groups']; issue: SubscribePage['issue'] },
): string {
  const refused = form.errors.length > 0 || form.notice !== '';
  const title = refused ? 'Not sent yet: get updates' : 'Get updates by mail';
  const hears = form.hears === 'issues' && groups !== null && issue === null ? 'everything' : form.hears;
  const hearing = { ...form, hears, groups, followable: [], wrong: wrongIn(form.errors) };
  const description = `Hear by mail when something breaks at ${shell.pageName}, and once it is fixed. You leave with one click.`;
  return renderForm({ shell, title, description, canonical: '/subscribe', form, hearing, issue });
}

/** What everybody is answered who asked, whoever has the address. */
export function askedPage(shell: Shell): string {
  return step(shell, {
    own: false,
    heading: 'Look into your mailbox',
    paragraphs: [
      'If we have not written to this address about this in the last 24 hours, a mail with a link is on its way. If we have, that mail is the one to look for, and its link still works.',
      'Behind the link is your own page. If you do not hear from us yet, say yes there and you will. Nothing there after some minutes? It may lie with the spam.',
    ],
    links: [{ href: '/', text: 'What is broken right now' }],
  });
}

type Own = { token: string };

interface Hers {
  address: string;
  lines: OwnLine[];
  /** Whether anything can still come of these. */
  hears: boolean;
}

/** She was asked and has not answered: what she would hear of, and one button. */
export function confirmPage(shell: Shell, { token }: Own, of: Hers): string {
  return step(shell, {
    heading: 'Shall we write to you?',
    paragraphs: [
      `Somebody asked us to write to ${of.address}. ${
        of.hears
          ? 'If it was you, say yes, and you will hear of this:'
          : 'What it was about is over by now. If it was you, say yes, and then choose what else you want to hear of:'
      }`,
    ],
    lines: of.lines,
    action: `/s/${token}/confirm`,
    button: 'Yes, write to me',
    links: [
      { href: `/s/${token}/unsubscribe`, text: 'It was not me' },
      { href: `/s/${token}/erase`, text: 'Forget my address now' },
    ],
  });
}

/** She left: that it is so, and the way back. */
export function leftPage(shell: Shell, { token }: Own, of: Hers): string {
  return step(shell, {
    heading: 'We write to you no more',
    paragraphs: [
      `${of.address} gets no news from us. We keep the address only to know that you left.`,
      of.hears
        ? 'If you come back, you will hear of this again:'
        : 'If you come back, you can choose what you want to hear of. What you had chosen is over by now:',
    ],
    lines: of.lines,
    action: `/s/${token}/come-back`,
    button: 'Write to me again',
    links: [{ href: `/s/${token}/erase`, text: 'Erase what you keep about me' }],
  });
}

/** Behind "no more mail" in a mail, where no button was pressed yet; in a mail about her report, with its query. */
export function leavePage(
  shell: Shell,
  { token }: Own,
  { report, query }: { report: boolean; query: string },
): string {
  return step(shell, {
    heading: 'No more mail from us?',
    paragraphs: [
      'Then we send you no news any more. You can come back whenever you like.',
      ...(report
        ? [
            'The mails about what you told us end too. We then cannot write to you when that is solved, but the page about it stays.',
          ]
        : []),
    ],
    action: `/s/${token}/unsubscribe${query}`,
    button: 'No more mail',
    links: [{ href: `/s/${token}`, text: 'Rather choose what I hear of, or pause' }],
  });
}

/** She has left, by whatever way. */
export function goodbyePage(shell: Shell, { token }: Own, { report }: { report: boolean }): string {
  return step(shell, {
    heading: 'Done: we write to you no more',
    paragraphs: [
      ...(report ? ['That is so for the news, and for the mails about what you told us.'] : []),
      'A mail that was already on its way may still arrive.',
    ],
    links: [{ href: `/s/${token}`, text: 'Your page, should you want to come back' }],
  });
}

/** Whether she is sure; the second step is the button. */
export function erasePage(shell: Shell, { token }: Own): string {
  return step(shell, {
    heading: 'Erase what we keep about you?',
    paragraphs: [
      'Your address, what you chose, when you agreed, and your address in our list of mails all go. Nobody can bring them back, and this page goes with them.',
      'If you told us of a problem, that has a page of its own, and stays.',
    ],
    action: `/s/${token}/erase`,
    button: 'Erase it for good',
    links: [{ href: `/s/${token}`, text: 'No, keep it' }],
  });
}

export function erasedPage(shell: Shell): string {
  return step(shell, {
    heading: 'It is erased',
    paragraphs: ['We keep nothing of your subscription, and your old links lead nowhere.'],
    links: [{ href: '/', text: 'What is broken right now' }],
  });
}

type Words = Pick<StepPage, 'heading' | 'paragraphs' | 'links'> &
  Partial<Pick<StepPage, 'own' | 'lines' | 'action' | 'button'>>;

function step(shell: Shell, words: Words): string {
  return renderStep({ shell, title: words.heading, own: true, lines: [], action: '', button: '', ...words });
}

/** The form as it is first shown. */
export function blankForm(choices: Partial<Choices> = {}): SubscribeForm {
  return {
    email: '',
    hears: 'everything',
    incidentsOnly: false,
    components: [],
    issues: [],
    ...choices,
    errors: [],
    notice: '',
  };
}
