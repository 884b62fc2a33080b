import t from 'tap';
import { suggestTitle } from '../../src/domain/suggest.ts';

t.test('a title begins with what reporters wrote, briefly and without who they are', async (t) => {
  const cases: [string[], string][] = [
    [[], ''],
    [['Me too.'], ''],
    [['export gives an empty file'], 'Export gives an empty file'],
    [['Hi, the export gives me an empty file. What am I doing wrong?'], 'The export gives me an empty file'],
    [['Hello team! Good morning, I cannot log in since today!!!'], 'I cannot log in since today'],
    [
      ['My invoice PDFs are blank since this morning', 'The invoice PDF is blank'],
      'The invoice PDF is blank',
    ],
    [['publish is dead, write to ana@example.com'], 'Publish is dead, write to'],
    [
      [
        'broken',
        'The invoice as PDF has no lines on it, only the head, since this morning around nine, in both our shops, please help',
        'Invoices have no lines',
      ],
      'Invoices have no lines',
    ],
    [['Kaputt: é'.normalize('NFD').repeat(1)], 'Kaputt: é'],
  ];
  for (const [messages, title] of cases) t.equal(suggestTitle(messages), title, JSON.stringify(messages));
  t.ok(suggestTitle([`It ${'very '.repeat(200)}broken`]).length <= 101, 'however long it was');
});
