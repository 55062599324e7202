import type { WaitKind } from '../shared/waitKind.ts';
import type { Translate } from './host.ts';

/** What was waited for, in a word or two. */
export function waitKindText(kind: WaitKind, t: Translate): string {
  switch (kind) {
    case 'timer':
      return t('timer');
    case 'file':
      return t('file');
    case 'network':
      return t('network');
    case 'process':
      return t('child process');
    case 'worker':
      return t('worker');
    case 'task':
      return t('task');
    case 'queue':
      return t('queue');
    case 'settled':
      return t('settled value');
    case 'other':
      return t('other');
  }
}

/** `1 task`, `3 tasks`. */
export function countTasks(count: number, t: Translate): string {
  return count === 1 ? t('1 task') : t('{0} tasks', count.toLocaleString('en'));
}
