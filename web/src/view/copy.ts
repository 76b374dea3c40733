/** Buttons that copy. */

import type { Texts } from '../texts';
import { byId, setText } from './dom';

/** A button says for so long that it has copied. Milliseconds. */
const SAID_MS = 1600;

/** Makes every button with `data-copies` copy the text of the element with that id. */
export function wireCopying(texts: () => Texts): void {
  document.addEventListener('click', event => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-copies]') : null;
    if (!button) return;
    const source = byId(button.dataset['copies'] ?? '');
    void copy(source.textContent ?? '', button, texts, source);
  });
}

/**
 * Copies, and says on the button, which has its text by `data-t`, that it did. `shown`: where the text stands, to be
 * selected when it cannot be copied.
 */
export async function copy(text: string, button: HTMLElement, texts: () => Texts, shown?: Element): Promise<void> {
  const done = await write(text);
  if (!done && shown) getSelection()?.selectAllChildren(shown);
  const said = done ? texts().copied : texts().copyFailed;
  setText(button, said);
  setText(byId('spoken'), said);
  setTimeout(() => {
    setText(button, texts()[button.dataset['t'] as keyof Texts]);
    setText(byId('spoken'), '');
  }, SAID_MS);
}

async function write(text: string): Promise<boolean> {
  try {
    // Only there on pages over HTTPS and on localhost.
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return writeTheOldWay(text);
  }
}

function writeTheOldWay(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'unseen';
  document.body.append(area);
  const focused = document.activeElement;
  area.select();
  let done = false;
  try {
    done = document.execCommand('copy');
  } catch {
    // Then the user is asked to.
  }
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return done;
}
