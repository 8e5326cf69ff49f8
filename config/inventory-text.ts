import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';

import type { Complaint, Finding } from './finding.ts';

/** YAML that still knows where everything stands. */
export interface InventoryText {
  readonly value: unknown;
  readonly syntaxErrors: readonly Finding[];
  /** Gives a complaint its position; where nothing stands (a missing field), that of the nearest part that exists. */
  locate(complaint: Complaint): Finding;
}

export function parseInventoryText(text: string): InventoryText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const position = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const syntaxErrors = document.errors.map((error): Finding => ({ severity: 'error', path: '', ...position(error.pos[0]), message: `is not valid YAML: ${lowerFirst(error.message)}` }));
  const locate = ({ severity = 'error', path, atKey = false, message, hint }: Complaint): Finding => ({
    severity,
    path: path.map(String).join('.'),
    ...position(offsetOf(document, path, atKey)),
    message,
    ...(hint === undefined ? {} : { hint }),
  });
  return { value: syntaxErrors.length === 0 ? document.toJS() : undefined, syntaxErrors, locate };
}

function offsetOf(document: Document.Parsed, path: readonly PropertyKey[], atKey: boolean): number {
  let node: Node | null = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const [index, part] of path.entries()) {
    const step = childOf(node, part);
    if (step === undefined) break;
    const isLast = index === path.length - 1;
    // A mapping is pointed at by its name: its own range begins at its first field, one line below.
    const place: Node | null = (isLast && atKey) || !isScalar(step.value) ? step.key : step.value;
    offset = (place ?? step.value)?.range?.[0] ?? offset;
    node = step.value;
  }
  return offset;
}

interface Step {
  readonly key: Node | null;
  readonly value: Node | null;
}

function childOf(node: Node | null, part: PropertyKey): Step | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(part)];
    return item === undefined ? undefined : { key: null, value: item as Node };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
  return pair === undefined ? undefined : { key: pair.key as Node, value: pair.value as Node | null };
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
