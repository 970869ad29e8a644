/** What a request says, for people who read a plan: in words, and with names, addresses and numbers in place of the bytes that elements of sets and rules are sent as. */
import { describe } from '../netlink/describe.ts';
import { writeRequest } from '../netlink/flight.ts';
import type { Request } from '../netlink/operation.ts';
import { Writer } from '../netlink/writer.ts';
import type { ElementRequest } from '../nft/element.ts';
import { newPackedRule, type PackedRule, unpacked } from '../nft/rule.ts';
import { type NftSet, setKey } from '../nft/set-definition.ts';
import { type Element, elementLayout, elementsFromWire } from '../nft/set-elements.ts';
import { guardTable } from './policy/guard-table.ts';
import { linksOfTable } from './policy/links-table.ts';
import { portTable } from './ports/table.ts';

/** The message without its header, one line an attribute; what elements of netloom's own sets say comes after them. */
export function messageText(request: Request): string {
  const writer = new Writer();
  writeRequest(writer, request);
  const { protocol } = request.operation;
  const [, ...lines] = describe(writer.bytes.subarray(0, writer.position), { protocol }).split('\n');
  const elements = (elementsOf(request.value) ?? []).map(
    ({ key, data }) => `element ${words(key)}${data === undefined ? '' : ` : ${words(data)}`}`,
  );
  return [...lines.map((line) => line.replace(/^ {2}/, '')), ...elements].join('\n');
}

/** As nft(8) writes what is made of several. */
function words(value: unknown): string {
  return [value].flat().join(' . ');
}

/** The content of a message. Elements of netloom's own sets have keys and values of the sets' types, rules their expressions; all else is as it is in the request. */
export function readableValue({ operation, value }: Request): object {
  if (operation === newPackedRule) return unpacked(value as PackedRule);
  const elements = elementsOf(value);
  return elements === undefined ? value : { ...value, elements };
}

function elementsOf(value: object): Element[] | undefined {
  const { elements, table = '', set: name, family } = value as ElementRequest;
  if (elements === undefined) return undefined;
  const set = ownSets(table).find((candidate) => {
    const key = setKey(candidate);
    return key.family === family && key.table === table && key.name === name;
  });
  return set === undefined ? undefined : elementsFromWire(elementLayout(set), elements);
}

function ownSets(table: string): NftSet[] {
  const tables = [portTable(), guardTable('port'), guardTable('veth')].flatMap(({ links, sets }) => [links, ...sets]);
  const links = linksOfTable(table);
  return links === undefined ? tables : [...tables, links];
}
