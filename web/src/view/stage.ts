/** The player: its picture, what it measures, and what it says when something fails. */

import { mediaUrl, rtmpUrl } from '../address';
import type { LiveStream } from '../api';
import { type Choice, type Page, type PlayerKind, displayName } from '../choice';
import { explain, playerName } from '../explain';
import { bitRate, count, milliseconds, seconds } from '../format';
import type { Report } from '../play/watch';
import { type Texts, fill } from '../texts';
import { byId, make, setText } from './dom';
import { figureTexts } from './figures';

/** What is shown. */
export interface StageState {
  choice: Choice | null;
  kind: PlayerKind;
  /** The player that `kind` stands in for. */
  failed: PlayerKind | null;
  url: string;
  /** What the API knows of the choice. */
  stream: LiveStream | null;
  /** Streams are there to choose from. */
  hasStreams: boolean;
  rtmpPort: number;
}

export interface StageActions {
  player(kind: PlayerKind): void;
  again(): void;
  unmute(): void;
}

const ADDRESSES: readonly PlayerKind[] = ['webrtc', 'flv', 'ts', 'hls'];

/** Shows a choice and the reports of its player. */
export class Stage {
  private report: Report | null = null;
  private state: StageState | null = null;

  constructor(
    private readonly page: Page,
    private readonly kinds: readonly PlayerKind[],
    private readonly texts: () => Texts,
    private readonly language: () => string,
    private readonly actions: StageActions,
  ) {
    byId('again').addEventListener('click', () => actions.again());
    byId('sound').addEventListener('click', () => actions.unmute());
    this.addPlayers();
  }

  /** Another choice, another language, or news of the stream. */
  show(state: StageState): void {
    this.state = state;
    const { choice } = state;
    const texts = this.texts();
    const stage = byId('stage');
    stage.toggleAttribute('data-empty', choice === null);
    byId('lead').hidden = choice !== null;
    byId('lead-empty').hidden = state.hasStreams;
    byId('lead-choose').hidden = !state.hasStreams;
    setText(byId('now'), choice ? displayName(choice) : '');
    setText(byId('url'), choice ? state.url : texts.measureNone);
    this.showBadge(state);
    for (const input of document.querySelectorAll<HTMLInputElement>('input[name=player]')) {
      input.checked = choice !== null && input.value === state.kind;
      const label = input.nextElementSibling;
      if (label) setText(label, playerName(input.value as PlayerKind, texts));
    }
    const [was, now] = [state.failed, state.kind].map(kind => kind && playerName(kind, texts));
    byId('instead').hidden = choice === null || !was;
    setText(byId('instead'), was && now ? fill(texts.instead, { failed: was, player: now }) : '');
    this.showAddresses(state);
    this.update(this.report);
  }

  /** What the player says now. */
  update(report: Report | null): void {
    this.report = report;
    if (!report || !this.state?.choice) return;
    this.showNotice(report, this.state, this.state.choice);
    this.showMeasures(report, this.state);
    byId('sound').hidden = !report.silenced;
  }

  private addPlayers(): void {
    for (const kind of this.kinds) {
      const input = make('input', { type: 'radio', name: 'player', value: kind });
      input.addEventListener('change', () => this.actions.player(kind));
      byId('players').append(make('label', { className: 'chip' }, input, make('span')));
    }
  }

  private showBadge({ choice, stream }: StageState): void {
    const badge = byId('badge');
    badge.hidden = !choice || !stream;
    badge.dataset['live'] = String(stream?.live ?? false);
    setText(badge, stream?.live ? this.texts().badgeLive : this.texts().listWaiting);
  }

  private showNotice(report: Report, state: StageState, choice: Choice): void {
    const texts = this.texts();
    const lines = this.lines(report, state, choice);
    byId('notice').hidden = lines.length === 0;
    byId('notice').dataset['phase'] = report.phase;
    // Nobody should tab through what is covered.
    byId<HTMLVideoElement>('video').controls = lines.length === 0;
    const message = byId('message');
    if (message.dataset['lines'] !== lines.join('\n')) {
      message.dataset['lines'] = lines.join('\n');
      message.replaceChildren(...lines.map(line => make('p', {}, line)));
    }
    const again = byId('again');
    again.hidden = report.phase !== 'failed' && report.phase !== 'idle';
    setText(again, report.phase === 'idle' ? texts.play : texts.tryAgain);
  }

  private lines(report: Report, state: StageState, choice: Choice): string[] {
    const texts = this.texts();
    if (report.fault) {
      const scene = { stream: choice, kind: state.kind, url: state.url, sameOrigin: choice.origin === undefined };
      const saysSo = report.fault.kind === 'gone' || report.fault.kind === 'not-live';
      return [...explain(report.fault, scene, texts), ...(report.retries && !saysSo ? [texts.willRetry] : [])];
    }
    if (report.phase === 'starting') return [fill(texts.starting, { url: state.url })];
    return report.phase === 'idle' ? [texts.idle] : [];
  }

  private showMeasures(report: Report, { kind, stream }: StageState): void {
    const texts = this.texts();
    const language = this.language();
    const put = (id: string, value: string | null, note = '') => {
      setText(byId(id), value ?? texts.measureNone);
      setText(byId(`${id}-note`), value === null ? '' : note);
    };
    const { latency, behind, fps, frames, width, height } = report;
    const behindWhat = {
      arrived: texts.measureLatencyArrived,
      offered: texts.measureLatencyOffered,
      sent: texts.measureLatencySent,
    }[behind ?? 'offered'];
    // A tenth of a second says little of what takes less than one.
    const precise = behind === 'sent' && latency !== null && latency < 1;
    const late =
      latency === null
        ? null
        : precise
          ? milliseconds(latency * 1000, texts, language)
          : seconds(latency, texts, language);
    put('latency', late, behindWhat);

    const stalled = { seconds: count(report.stalledMs / 1000, language, 1) };
    const stallsNote = fill(report.stalled ? texts.measureStalledNow : texts.measureStallsTime, stalled);
    put('stalls', count(report.stalls, language), stallsNote);
    byId('stalls').parentElement?.classList.toggle('bad', report.stalled);

    const kbps = report.kbps ?? (stream && stream.kbps > 0 ? stream.kbps : null);
    const measuredBy = report.kbps === null ? texts.measureBitrateServer : texts.measureBitratePlayer;
    put('bitrate', kbps === null ? null : bitRate(kbps, texts, language), measuredBy);

    const rate = fps === null ? '' : fill(texts.measureFps, { fps: count(fps, language) });
    put('resolution', width > 0 ? `${width}×${height}` : null, rate);
    const ofFrames = fill(texts.measureDroppedOf, { frames: count(frames, language) });
    put('dropped', frames > 0 ? count(report.dropped, language) : null, ofFrames);

    const library = report.library === '' ? texts.theBrowser : report.library;
    const noParts = kind === 'll-hls' && report.form === 'HLS' && library !== texts.theBrowser;
    const played = noParts ? fill(texts.measureFormNoParts, { library: library ?? '' }) : library;
    document.querySelectorAll<HTMLElement>('.by-rtc').forEach(one => (one.hidden = kind !== 'webrtc'));
    const rtc = figureTexts(report.figures, texts, language);
    put('codec', rtc.codec, rtc.layersNote);
    put('round-trip', rtc.roundTrip);
    put('loss', rtc.loss, texts.measureLossOf);
    put('path', rtc.path, rtc.pathNote);

    put('form', library === null ? null : (report.form ?? playerName(kind, texts)), played ?? '');
  }

  private showAddresses({ choice, rtmpPort }: StageState): void {
    const list = byId('addresses');
    const urls = choice ? ADDRESSES.map(kind => mediaUrl(choice, kind, this.page)) : [];
    // Another server's RTMP port is not known.
    if (choice && choice.origin === undefined) urls.unshift(rtmpUrl(choice, this.page.hostname, rtmpPort));
    const now = urls.join('\n');
    if (list.dataset['urls'] === now) return;
    list.dataset['urls'] = now;
    list.replaceChildren(...urls.map((url, index) => this.address(url, `address-${index}`)));
  }

  private address(url: string, id: string): HTMLLIElement {
    const button = make('button', { type: 'button', className: 'copy' }, this.texts().copy);
    Object.assign(button.dataset, { t: 'copy', copies: id });
    button.setAttribute('aria-describedby', id);
    return make('li', { className: 'line' }, make('code', { id }, url), button);
  }
}
