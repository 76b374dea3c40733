/** The few things that every part of the page does with its elements. */

import type { Texts } from '../texts';

/** The element with this id, which the page is known to have. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found as T;
}

/** Sets a text, and leaves an element alone that has it: a screen reader would speak it again. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** A new element. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Puts the texts of a language everywhere that asks for one: `data-t`, `data-label`, `data-hint`. */
export function translate(texts: Texts): void {
  const text = (key: string | undefined) => texts[key as keyof Texts];
  for (const element of document.querySelectorAll<HTMLElement>('[data-t]'))
    setText(element, text(element.dataset['t']));
  for (const element of document.querySelectorAll<HTMLElement>('[data-label]')) {
    element.setAttribute('aria-label', text(element.dataset['label']));
  }
  for (const element of document.querySelectorAll<HTMLInputElement>('[data-hint]')) {
    element.placeholder = text(element.dataset['hint']);
  }
}
