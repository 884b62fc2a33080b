/** One place where two accounts of a thing differ; undefined: it is not there at all. */
export interface Difference {
  /** Where, from the outside in: a field, and in a list the id of the one, or its number. */
  path: string[];
  left: unknown;
  right: unknown;
}

/** Whether two values say the same as JSON; the order of an object's fields says nothing. */
export function saysTheSame(left: unknown, right: unknown): boolean {
  return differences(left, right).length === 0;
}

/** Every place in which two values differ as JSON. What has an id is compared with the one of the same id. */
export function differences(left: unknown, right: unknown, path: string[] = []): Difference[] {
  if (Array.isArray(left) && Array.isArray(right)) return inLists(left, right, path);
  if (!isObject(left) || !isObject(right)) return left === right ? [] : [{ path, left, right }];
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  return names.flatMap((name) => differences(own(left, name), own(right, name), [...path, name]));
}

function inLists(left: unknown[], right: unknown[], path: string[]): Difference[] {
  const [ours, theirs] = [byName(left), byName(right)];
  const found = [...new Set([...ours.keys(), ...theirs.keys()])].flatMap((name) =>
    differences(ours.get(name), theirs.get(name), [...path, name]),
  );
  const [order, otherOrder] = [[...ours.keys()], [...theirs.keys()]];
  const sameOrder = order.every((name, at) => name === otherOrder[at]);
  if (found.length > 0 || (sameOrder && left.length === right.length)) return found;
  return [{ path: [...path, 'order'], left: order, right: otherOrder }];
}

function byName(list: unknown[]): Map<string, unknown> {
  return new Map(
    list.map((one, at) => [
      isObject(one) && typeof own(one, 'id') === 'string' ? (own(one, 'id') as string) : `${at + 1}`,
      one,
    ]),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function own(value: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}
