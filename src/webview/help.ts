import { keyHelp, pointerHelp } from './chartKeys.ts';
import { button, element } from './dom.ts';

/** All keys and pointer gestures in a dialog; `closed` is called when it is gone. */
export function createHelp(closed: () => void): HTMLDialogElement {
  const table = (caption: string, rows: readonly (readonly [string, string])[]): HTMLElement =>
    element(
      'table',
      {},
      element('caption', {}, caption),
      element(
        'tbody',
        {},
        ...rows.map(([keys, what]) =>
          element('tr', {}, element('th', { scope: 'row' }, element('kbd', {}, keys)), element('td', {}, what)),
        ),
      ),
    );
  const dialog = element('dialog', { class: 'il-help', 'aria-label': 'Keys and mouse' });
  dialog.append(
    element(
      'div',
      { class: 'il-help-head' },
      element('h2', {}, 'Keys and mouse'),
      button('×', 'Close', () => dialog.close(), 'il-icon'),
    ),
    element('div', { class: 'il-help-columns' }, table('Keys', keyHelp), table('Mouse and trackpad', pointerHelp)),
  );
  dialog.addEventListener('close', closed);
  // A click beside the box lands on the dialog element itself.
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
  return dialog;
}
