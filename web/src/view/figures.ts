/** Figures of a WebRTC connection, as they are shown for players and publishers. */

import { codecName } from '../faults';
import { count, milliseconds, percent } from '../format';
import type { Figures, Path } from '../rtc/figures';
import { type Texts, fill } from '../texts';

/** `null`: not known yet. Notes may be empty. */
export interface FigureTexts {
  codec: string | null;
  /** Every size that is sent, where there are several; what holds the encoder back. */
  layersNote: string;
  resolution: string | null;
  fps: string;
  roundTrip: string | null;
  loss: string | null;
  path: string | null;
  pathNote: string;
}

export function figureTexts(figures: Figures | null, texts: Texts, language: string): FigureTexts {
  const { layers = [], roundTripMs = null, lossPercent = null, path = null } = figures ?? {};
  const [largest] = layers;
  const codecs = [figures?.video, figures?.audio].flatMap(one => (one ? codecName(one) : []));
  const sizes = layers.length > 1 ? layers.map(({ width, height }) => `${width}×${height}`) : [];
  const fps = largest?.fps ?? null;
  return {
    codec: codecs.length > 0 ? codecs.join(', ') : null,
    layersNote: [...sizes, ...limit(figures?.limit ?? null, texts)].join(', '),
    resolution: largest ? `${largest.width}×${largest.height}` : null,
    fps: fps === null ? '' : fill(texts.measureFps, { fps: count(fps, language) }),
    roundTrip: roundTripMs === null ? null : milliseconds(roundTripMs, texts, language),
    loss: lossPercent === null ? null : percent(lossPercent, texts, language),
    path: path && fill(texts.pathDirect, { protocol: path.protocol.toUpperCase(), remote: path.remote }),
    pathNote: pathNote(path, texts),
  };
}

function pathNote(path: Path | null, texts: Texts): string {
  if (path?.relayed) return texts.pathRelayed;
  if (path?.protocol !== 'tcp') return '';
  return path.insteadOfUdp ? texts.pathTcpInstead : texts.pathTcp;
}

function limit(why: string | null, texts: Texts): string[] {
  if (why === null) return [];
  const known = { bandwidth: texts.measureLimitBandwidth, cpu: texts.measureLimitCpu }[why];
  return [known ?? fill(texts.measureLimitOther, { why })];
}
