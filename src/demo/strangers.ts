import type { Verdict } from '../domain/words.ts';

export interface Stranger {
  hoursAgo: number;
  message: string;
  email?: string;
  name?: string;
  page_url?: string;
  linkedTo?: string;
  answer?: { verdict: Verdict; message: string };
}

export const strangers: Stranger[] = [
  {
    hoursAgo: 1.5,
    message: 'I click on publish and just nothing happens. What am I doing wrong?',
    email: 'ada@bakery.example',
    name: 'Ada',
  },
  {
    hoursAgo: 5,
    message: 'My newsletter from this morning is still not there.',
    email: 'juan@books.example',
  },
  { hoursAgo: 9, message: 'The search in my shop finds nothing since the last change.' },
  {
    hoursAgo: 30,
    message: 'All my photos are lying on their side!',
    email: 'mina@flowers.example',
    linkedTo: 'sideways',
  },
  {
    hoursAgo: 60,
    message: 'Customers can order a product that I have hidden.',
    email: 'lee@tea.example',
    answer: {
      verdict: 'works_as_designed',
      message:
        'You are right to wonder: hiding only takes it out of the lists, old links still sell it. Choose “not for sale” for what you want. We will say so beside the button.',
    },
  },
];

/** What nobody at the desk has read yet: eleven people, one new problem, half an hour. */
export const blankInvoices = [
  'The invoice PDF is blank. Only an empty page.',
  'My invoice PDFs are blank since this morning.',
  'When I download an invoice the PDF is empty.',
  'blank invoice pdf??',
  'Invoice opens, but the PDF page is blank. My accountant is waiting for it.',
  'All invoices download as blank PDF files.',
  'The PDF of my invoice has nothing on it, the page is blank',
  'Downloaded invoice PDF blank, tried it three times.',
  'Hello, the invoice PDF I get is just a blank page. Did I do something wrong?',
  'Blank PDF instead of the invoice, on my phone and on my laptop.',
  'invoice pdf blank here too',
];
strangers.push(
  ...blankInvoices.map((message, n) => ({
    hoursAgo: 0.6 - n * 0.05,
    message,
    ...(n === 3 ? {} : { email: `invoice-${n + 1}@customers.example` }),
  })),
);
