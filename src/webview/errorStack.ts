import type { Task } from '../analyze/layoutTrace.ts';
import type { SourcePlace } from '../shared/pageMessages.ts';
import type { StackFrame } from '../shared/traceRecords.ts';
import { button, element } from './dom.ts';
import { baseName } from './words.ts';

/** Where a task's error was thrown and who awaited it, as list items; `reveal` is left out where lines cannot be opened. */
export function errorStackItems(task: Task, reveal: ((place: SourcePlace) => void) | undefined): HTMLElement[] {
  return (task.errorStack ?? []).map((frame) => {
    const { name, path, line } = frame;
    const text = `${frame.async ? 'awaited by ' : ''}${name}`;
    const place = path === undefined || line === undefined ? '' : `${baseName(path)}:${line}`;
    const target = sourceOf(frame);
    const what =
      target && reveal
        ? button(text, `${text}: open ${place}`, () => reveal(target), 'il-link')
        : element('span', { class: 'il-frame' }, text);
    return element('li', { class: 'il-wait' }, what, ...(place === '' ? [] : [element('small', {}, place)]));
  });
}

/** Parts of Node have no file that could be opened. */
function sourceOf({ path, line }: StackFrame): SourcePlace | undefined {
  return path === undefined || line === undefined || path.startsWith('node:') ? undefined : { path, line, column: 1 };
}
