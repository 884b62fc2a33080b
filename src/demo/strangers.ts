import type { Verdict } from '../domain/words.ts';

interface Stranger {
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
