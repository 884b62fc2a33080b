import { type CsvError, parse } from 'csv-parse/sync';
import { Refused } from './errors.ts';

/** One line of a table: what stands in the columns we know; an empty cell is not there. */
export interface CsvLine<Column extends string> {
  line: number;
  cells: Partial<Record<Column, string>>;
}

/** The names of columns, as people write them, in lower case. */
export type Columns<Column extends string> = Record<string, Column>;

/** Whether the first line names this column. */
export function names<Column extends string>(
  text: string,
  columns: Columns<Column>,
  wanted: NoInfer<Column>,
): boolean {
  return firstLine(text)
    .split(/[,;\t]/)
    .some((cell) => columns[plain(cell)] === wanted);
}

/**
 * Reads a CSV table whose first line names its columns; commas, semicolons and tabs are understood. Reads one line more
 * than `most`, so that the caller sees that there are more. Throws Refused for a table that is none.
 */
export function readCsv<Column extends string>(
  text: string,
  columns: Columns<Column>,
  most: number,
): CsvLine<Column>[] {
  const [head, ...body] = rowsOf(text, most + 2);
  const order = (head?.record ?? []).map((cell) => columns[plain(cell)]);
  return body.map(({ record, info }) => {
    const cells: Partial<Record<Column, string>> = {};
    order.forEach((column, i) => {
      const cell = record[i] ?? '';
      if (column && cell !== '') cells[column] = cell;
    });
    return { line: info.lines, cells };
  });
}

/** The names of columns that say nothing to us, as the first line has them. Throws Refused for a table that is none. */
export function unknownColumns(text: string, columns: Columns<string>): string[] {
  const [head] = rowsOf(text, 1);
  return (head?.record ?? []).filter((cell) => cell !== '' && columns[plain(cell)] === undefined);
}

function rowsOf(text: string, to: number): { record: string[]; info: { lines: number } }[] {
  const first = firstLine(text);
  const delimiter = [',', ';', '\t'].sort((a, b) => first.split(b).length - first.split(a).length)[0]!;
  try {
    return parse(text, {
      bom: true,
      delimiter,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      to,
    }) as unknown as ReturnType<typeof rowsOf>;
  } catch (error) {
    throw new Refused(whyNoTable(error as CsvError));
  }
}

function whyNoTable({ code, lines }: CsvError): string {
  const what = /QUOTE/.test(code)
    ? 'has a quotation mark (") that is not closed, or goes on behind the closing one. Inside a cell it is written twice'
    : 'cannot be read';
  return `This is no CSV table: line ${lines} ${what}.`;
}

function firstLine(text: string): string {
  return text.replace(/^\ufeff/, '').split(/\r?\n/, 1)[0] ?? '';
}

function plain(cell: string): string {
  return cell.trim().replace(/^"|"$/g, '').toLowerCase();
}
