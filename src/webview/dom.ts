type Child = Node | string | undefined;
interface Attributes {
  readonly [name: string]: string | boolean | number | undefined;
}

/** An element with attributes and children; false and undefined leave an attribute out, true sets it empty. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    made.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children) if (child !== undefined) made.append(child);
  return made;
}

export function button(label: string, title: string, onClick: () => void, className = ''): HTMLButtonElement {
  const made = element('button', { type: 'button', title, 'aria-label': title, class: className }, label);
  made.addEventListener('click', onClick);
  return made;
}

/** Shows or hides without losing the element's place. */
export function setShown(target: HTMLElement, shown: boolean): void {
  if (target.hidden === shown) target.hidden = !shown;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}
