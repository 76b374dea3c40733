/** The list of streams. */

import type { ApiFailure, LiveStream, OutputFault } from '../api';
import { type StreamName, displayName, sameStream } from '../choice';
import { faultLine } from '../explain';
import { codecName } from '../faults';
import { bitRate } from '../format';
import { type Texts, fill } from '../texts';
import type { TokenState } from '../token';
import { byId, make, setText } from './dom';

/** With more streams than this, a filter is of use. */
const FILTER_ABOVE = 8;

export interface ListState {
  /** `null` before the API has answered. */
  streams: readonly LiveStream[] | null;
  /** Why the API did not answer the last time; empty when it did. */
  failures: readonly ApiFailure[];
  /** Whether the API asks for a token. */
  token: TokenState;
  chosen: StreamName | null;
}

/** Keeps the list up to date, one link for each stream, moving none that stays. */
export class StreamList {
  private readonly list = byId('streams');
  private readonly filter = byId<HTMLInputElement>('filter');
  private readonly rows = new Map<string, HTMLLIElement>();
  private state: ListState = { streams: null, failures: [], token: 'none', chosen: null };

  /** `link` is the address of a stream; `choose` is called when somebody follows it in this tab. */
  constructor(
    private readonly texts: () => Texts,
    private readonly language: () => string,
    private readonly link: (stream: StreamName) => string,
    private readonly choose: (stream: LiveStream) => void,
  ) {
    this.filter.addEventListener('input', () => this.show(this.state));
  }

  show(state: ListState): void {
    this.state = state;
    const streams = state.streams ?? [];
    const wanted = this.filter.value.trim().toLowerCase();
    byId('filter-box').hidden = streams.length <= FILTER_ABOVE && wanted === '';
    const shown = streams.filter(stream => displayName(stream).toLowerCase().includes(wanted));
    this.drop(new Set(shown.map(displayName)));
    shown.forEach((stream, index) => this.place(this.row(stream), index));
    this.count(streams);
    this.explain(streams, shown.length, this.filter.value.trim());
  }

  private row(stream: LiveStream): HTMLLIElement {
    const name = displayName(stream);
    let row = this.rows.get(name);
    if (!row) {
      const anchor = make('a', {}, make('span', { className: 'name' }, name), make('span', { className: 'facts' }));
      row = make('li', {}, anchor, make('ul', { className: 'faults' }));
      this.rows.set(name, row);
    }
    const anchor = row.querySelector('a');
    const facts = row.querySelector('.facts');
    if (anchor && facts) {
      anchor.href = this.link(stream);
      anchor.dataset['live'] = String(stream.live);
      if (this.state.chosen && sameStream(stream, this.state.chosen)) anchor.setAttribute('aria-current', 'true');
      else anchor.removeAttribute('aria-current');
      anchor.onclick = event => {
        if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        this.choose(stream);
      };
      setText(facts, this.facts(stream));
    }
    this.showFaults(row, stream.faults);
    return row;
  }

  private showFaults(row: HTMLLIElement, faults: readonly OutputFault[]): void {
    const list = row.querySelector('ul');
    const lines = faults.map(fault => faultLine(fault, this.texts(), this.language()));
    if (!list || list.dataset['lines'] === lines.join('\n')) return;
    list.dataset['lines'] = lines.join('\n');
    list.replaceChildren(...lines.map(line => make('li', {}, line)));
  }

  private facts(stream: LiveStream): string {
    const texts = this.texts();
    const { video, audio } = stream;
    const size = video && video.width > 0 ? ` ${video.width}×${video.height}` : '';
    const facts = [
      ...(stream.live ? [] : [texts.listWaiting]),
      ...(video ? [`${codecName(video.codec)}${size}`] : []),
      ...(audio ? [video ? codecName(audio.codec) : `${codecName(audio.codec)}, ${texts.audioOnly}`] : []),
      ...(stream.kbps > 0 ? [bitRate(stream.kbps, texts, this.language())] : []),
      fill(texts.clients, { count: stream.clients }),
    ];
    // Lines end between facts, not in them.
    return facts.map(fact => fact.replaceAll(' ', '\u00a0')).join(' · ');
  }

  private place(row: HTMLLIElement, index: number): void {
    const there = this.list.children[index];
    if (there !== row) this.list.insertBefore(row, there ?? null);
  }

  private drop(kept: Set<string>): void {
    for (const [name, row] of this.rows) {
      if (kept.has(name)) continue;
      row.remove();
      this.rows.delete(name);
    }
  }

  private count(streams: readonly LiveStream[]): void {
    const live = streams.filter(stream => stream.live).length;
    const known = this.state.streams !== null;
    setText(byId('count'), known ? fill(this.texts().streamsCount, { count: live }) : '');
  }

  private explain(streams: readonly LiveStream[], shown: number, wanted: string): void {
    const texts = this.texts();
    const { failures, token } = this.state;
    const lines: string[] = [];
    byId('by-token').hidden = token === 'none';
    byId('token-wrong').hidden = token !== 'wrong';
    if (failures.some(one => one.reason === 'token')) {
      lines.push(texts.apiToken, texts.apiInstead);
    } else if (failures.length > 0) {
      lines.push(
        this.state.streams === null ? texts.apiFailed : texts.apiStale,
        ...failures.map(one => reason(one, texts)),
      );
      const locked = failures.find(one => one.reason === 'http' && one.number === 401);
      if (locked) lines.push(fill(texts.apiAuth, { url: locked.url }));
      lines.push(texts.apiInstead);
    } else if (this.state.streams === null) {
      lines.push(texts.listLoading);
    } else if (streams.length === 0) {
      lines.push(texts.listEmpty);
    } else if (shown === 0) {
      lines.push(fill(texts.filterNone, { text: wanted }));
    }
    const state = byId('list-state');
    state.classList.toggle('bad', failures.length > 0);
    if (state.dataset['lines'] === lines.join('\n')) return;
    state.dataset['lines'] = lines.join('\n');
    state.replaceChildren(...lines.map(line => make('p', {}, line)));
  }
}

function reason(failure: ApiFailure, texts: Texts): string {
  const text = {
    unreachable: texts.apiUnreachable,
    http: texts.apiHttp,
    'not-api': texts.apiNotApi,
    code: texts.apiCode,
    token: texts.apiHttp,
  }[failure.reason];
  return fill(text, { url: failure.url.replace(/\?.*/, ''), number: failure.number });
}
