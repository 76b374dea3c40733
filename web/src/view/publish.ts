/** Publishing from the browser: a form, what is sent, and what it says when something fails. */

import { type Choice, type Page, displayName, parseChoice } from '../choice';
import { explain } from '../explain';
import { type Fault, codecName } from '../faults';
import { bitRate } from '../format';
import type { PublishReport } from '../publish/publish';
import { type PublishWish, SOURCES } from '../publish/wish';
import { type VideoCodec, videoCodec } from '../rtc/codecs';
import { type Texts, fill } from '../texts';
import { byId, make, setText } from './dom';
import { figureTexts } from './figures';

export interface PublishActions {
  start(wish: PublishWish, key: string): void;
  stop(): void;
  /** The address that a wish goes to. */
  url(wish: PublishWish): string;
}

export interface PublishState {
  /** Publishers need a key from here. */
  keyed: boolean;
  /** Why nothing can be published, where that is known before it is tried. */
  barred: Fault | null;
}

const FIGURES = ['resolution', 'bitrate', 'codec', 'round-trip', 'loss', 'path'] as const;

/** The form, and the reports of its publisher. */
export class PublishForm {
  private report: PublishReport | null = null;
  private state: PublishState = { keyed: false, barred: null };
  /** What a link asked for beyond what the form has fields for. */
  private linked: Pick<Choice, 'origin' | 'api' | 'extra'> = { extra: [] };
  /** The wish that `report` is about. */
  private wished: PublishWish | null = null;

  constructor(
    private readonly page: Page,
    /** What the browser can send. */
    has: readonly VideoCodec[],
    private readonly texts: () => Texts,
    private readonly language: () => string,
    private readonly actions: PublishActions,
  ) {
    for (const codec of has) byId('publish-codec').append(make('option', { value: codec }, codecName(codec)));
    const form = byId<HTMLFormElement>('publish-form');
    form.addEventListener('submit', event => {
      event.preventDefault();
      const wish = this.wish();
      if (wish) actions.start(wish, byId<HTMLInputElement>('publish-secret').value.trim());
      else byId<HTMLInputElement>('publish-name').focus();
    });
    form.addEventListener('input', () => this.showTo());
    byId('publish-stop').addEventListener('click', () => actions.stop());
  }

  /** Fills the form with what a link asks for. */
  fillIn(wish: PublishWish): void {
    const { vhost, app, stream, origin, api, extra } = wish;
    byId<HTMLInputElement>('publish-name').value = `${app}/${stream}${vhost && `?vhost=${vhost}`}`;
    byId<HTMLSelectElement>('publish-source').value = wish.source;
    this.chooseCodec(wish.codec);
    byId<HTMLInputElement>('publish-simulcast').checked = wish.simulcast;
    this.linked = { extra, ...(origin !== undefined && { origin }), ...(api !== undefined && { api }) };
    this.showTo();
  }

  /** Another language, or news of the server. */
  show(state: PublishState): void {
    this.state = state;
    this.showTo();
    this.update(this.report);
  }

  /** What the publisher says now of `wish`. */
  update(report: PublishReport | null, wish = this.wished): void {
    this.report = report;
    this.wished = wish;
    const phase = report?.phase ?? 'idle';
    const isOn = !['idle', 'failed'].includes(phase) || (report?.retries ?? false);
    byId('publish-start').hidden = isOn;
    byId('publish-stop').hidden = !isOn;
    byId<HTMLFieldSetElement>('publish-fields').disabled = isOn;
    const fault = report?.fault;
    const isRefused = fault?.kind === 'http' && [401, 403].includes(fault.status);
    byId('publish-key-box').hidden = !this.state.keyed && !isRefused;
    byId('publish-scene').hidden = report?.media == null;
    const video = byId<HTMLVideoElement>('publish-video');
    if (video.srcObject !== (report?.media ?? null)) video.srcObject = report?.media ?? null;
    this.showLines(report, phase);
    this.showFigures(report);
  }

  /** What the form says; `null` where that is no name. */
  private wish(): PublishWish | null {
    const [path = '', query = ''] = byId<HTMLInputElement>('publish-name').value.trim().split('?');
    const named = parseChoice(`stream=${encodeURIComponent(path)}&${query}`, this.page);
    if (!named || path.includes('://')) return null;
    const { vhost, app, stream, extra } = named;
    return {
      ...{ vhost, app, stream },
      ...this.linked,
      extra: [...extra, ...this.linked.extra],
      source: SOURCES.find(one => one === byId<HTMLSelectElement>('publish-source').value) ?? 'camera',
      codec: videoCodec(byId<HTMLSelectElement>('publish-codec').value),
      simulcast: byId<HTMLInputElement>('publish-simulcast').checked,
    };
  }

  /** Also one that the browser does not have: it is to say so. */
  private chooseCodec(codec: VideoCodec | null): void {
    const select = byId<HTMLSelectElement>('publish-codec');
    const isThere = [...select.options].some(option => option.value === (codec ?? ''));
    if (codec && !isThere) select.append(make('option', { value: codec }, codecName(codec)));
    select.value = codec ?? '';
  }

  private showTo(): void {
    const wish = this.wish();
    const texts = this.texts();
    setText(byId('publish-to'), wish ? fill(texts.publishTo, { url: this.actions.url(wish) }) : texts.publishBadName);
  }

  private showLines(report: PublishReport | null, phase: PublishReport['phase']): void {
    const fault = report?.fault ?? (phase === 'idle' ? this.state.barred : null);
    const wish = this.wished ?? this.wish();
    const lines = wish ? this.lines(wish, phase, fault) : [];
    if (fault && report?.retries) lines.push(this.texts().willRetry);
    const message = byId('publish-message');
    message.classList.toggle('bad', fault !== null);
    if (message.dataset['lines'] === lines.join('\n')) return;
    message.dataset['lines'] = lines.join('\n');
    message.replaceChildren(...lines.map(line => make('p', {}, line)));
  }

  private lines(wish: PublishWish, phase: PublishReport['phase'], fault: Fault | null): string[] {
    const texts = this.texts();
    const url = this.actions.url(wish);
    if (fault) {
      const sameOrigin = wish.origin === undefined && wish.api === undefined;
      return explain(fault, { stream: wish, kind: 'webrtc', url, sameOrigin, publishes: true }, texts);
    }
    const text = { asking: texts.publishAsking, connecting: texts.publishConnecting, live: texts.publishLive };
    return phase in text ? [fill(text[phase as keyof typeof text], { url, stream: displayName(wish) })] : [];
  }

  private showFigures(report: PublishReport | null): void {
    const texts = this.texts();
    const language = this.language();
    byId('publish-figures').hidden = report?.phase !== 'live';
    const figures = report?.figures ?? null;
    const said = figureTexts(figures, texts, language);
    const values: Record<(typeof FIGURES)[number], readonly [string | null, string]> = {
      resolution: [said.resolution, said.fps],
      bitrate: [figures?.kbps == null ? null : bitRate(figures.kbps, texts, language), said.layersNote],
      codec: [said.codec, ''],
      'round-trip': [said.roundTrip, ''],
      loss: [said.loss, texts.measureLossOf],
      path: [said.path, said.pathNote],
    };
    for (const name of FIGURES) {
      const [value, note] = values[name];
      setText(byId(`sent-${name}`), value ?? texts.measureNone);
      setText(byId(`sent-${name}-note`), value === null ? '' : note);
    }
  }
}
