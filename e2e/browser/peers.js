// Publishers and players of WebRTC in a page: plain WHIP and WHEP, or the calls of SRS. Runs in a page, and sets `peers`.
(() => {
  const all = [];
  const volumes = [];
  const round = (number, digits) => (number === undefined ? undefined : Number(number.toFixed(digits)));

  /** Connects one, as `rtc.mjs` describes it. */
  async function start(wish) {
    const pc = new RTCPeerConnection();
    const peer = { wish, pc, seen: {}, screens: [] };
    all.push(peer);
    if (wish.role === 'publish') await addSource(peer);
    else addScreens(peer);
    await pc.setLocalDescription(await pc.createOffer());
    const answer = await (wish.by === 'json' ? callJson : callHttp)(peer, pc.localDescription.sdp);
    if (answer === undefined) return;
    await pc.setRemoteDescription({ type: 'answer', sdp: sparing(wish.dtx, through(wish.relay, answer)) });
    await within(20_000, () => pc.connectionState === 'connected' || pc.connectionState === 'failed');
  }

  /** An answer with the candidates of a relay on this machine, if there is one, instead of its own. */
  const through = (relay, answer) =>
    relay === undefined ? answer : answer.replace(/^(a=candidate:\S+ \d+ udp \d+) \S+ \d+ /gim, `$1 127.0.0.1 ${relay} `);

  /** An answer of who wants no packets for silence, if so (RFC 7587). */
  const sparing = (dtx, answer) => (dtx ? answer.replace(/^(a=fmtp:111 .*)$/m, '$1;usedtx=1') : answer);

  async function callHttp(peer, sdp) {
    const { api, role, stream, query = '', bearer } = peer.wish;
    const [app, name] = stream.split('/');
    const url = `${api}/rtc/v1/${role === 'publish' ? 'whip' : 'whep'}/?app=${app}&stream=${name}${query}`;
    const headers = { 'Content-Type': 'application/sdp' };
    if (bearer !== undefined) headers.Authorization = `Bearer ${bearer}`;
    const response = await fetch(url, { method: 'POST', headers, body: sdp });
    const body = await response.text();
    const location = response.headers.get('Location');
    Object.assign(peer.seen, { status: response.status, location, etag: response.headers.get('ETag') });
    peer.resource = location && new URL(location, url).href;
    if (response.status === 201) return body;
    peer.seen.refusal = body;
  }

  async function callJson(peer, sdp) {
    const { api, role, stream, query = '' } = peer.wish;
    const streamurl = `webrtc://127.0.0.1/${stream}`;
    const body = JSON.stringify({ api: `${api}/rtc/v1/${role}/`, tid: '1a2b3c4', streamurl, clientip: null, sdp });
    const response = await fetch(`${api}/rtc/v1/${role}/?${query}`, { method: 'POST', body });
    const answer = await response.json();
    Object.assign(peer.seen, { status: response.status, code: answer.code, session: answer.sessionid });
    return answer.sdp;
  }

  async function addSource({ pc, wish }) {
    const media = wish.camera
      ? await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 640, height: 480 } })
      : new MediaStream([...sizes(wish).map((size) => drawn({ ...wish, ...size })), tone(wish.silent)]);
    for (const track of media.getAudioTracks()) {
      const transceiver = pc.addTransceiver(track, { direction: 'sendonly', streams: [media] });
      transceiver.setCodecPreferences(preferred(RTCRtpSender, 'audio', wish.audio));
    }
    for (const track of media.getVideoTracks()) {
      const sendEncodings = wish.layers ?? [{ maxBitrate: wish.bitrate ?? 1_000_000 }];
      const transceiver = pc.addTransceiver(track, { direction: 'sendonly', streams: [media], sendEncodings });
      transceiver.setCodecPreferences(preferred(RTCRtpSender, 'video', wish.codec));
      // A busy machine makes fewer pictures, not smaller ones.
      const parameters = transceiver.sender.getParameters();
      await transceiver.sender.setParameters({ ...parameters, degradationPreference: 'maintain-resolution' });
    }
  }

  /** A track of pictures that carry the time. */
  function drawn({ width, height, fps = 25, noise = 0 }) {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext('2d');
    const specks = noise > 0 ? noisy(width, height) : undefined;
    const [track] = canvas.captureStream(0).getVideoTracks();
    setInterval(() => {
      picture.draw(context, Date.now());
      if (specks) {
        context.globalAlpha = noise;
        context.drawImage(specks, -Math.random() * width, -Math.random() * height);
        context.globalAlpha = 1;
      }
      track.requestFrame();
    }, 1000 / fps);
    return track;
  }

  /** A picture of specks, twice as large as that: no part of it helps an encoder with another. */
  function noisy(width, height) {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [2 * width, 2 * height];
    const context = canvas.getContext('2d');
    const specks = context.createImageData(canvas.width, canvas.height);
    for (let at = 0; at < specks.data.length; at += 4) {
      specks.data.fill(Math.random() * 255, at, at + 3);
      specks.data[at + 3] = 255;
    }
    context.putImageData(specks, 0, 0);
    return canvas;
  }

  /** A track of sound at one pitch. */
  function tone(silent = false) {
    const sound = new AudioContext();
    const oscillator = new OscillatorNode(sound, { frequency: 440 });
    const volume = new GainNode(sound, { gain: silent ? 0 : 1 });
    const out = sound.createMediaStreamDestination();
    volumes.push(volume);
    oscillator.connect(volume).connect(out);
    oscillator.start();
    return out.stream.getAudioTracks()[0];
  }

  /** Has tones begin that were silent, and the others end. */
  function turnSound() {
    for (const { gain } of volumes) gain.value = gain.value > 0 ? 0 : 1;
  }

  /** The sizes of the pictures of each track: the second ones are half as large, … */
  const sizes = ({ tracks = 1, width = 480, height = 270 }) =>
    Array.from({ length: tracks }, (_, at) => ({ width: width / (at + 1), height: height / (at + 1) }));

  function addScreens(peer) {
    const { pc, wish } = peer;
    pc.addTransceiver('audio', { direction: 'recvonly' });
    for (const _ of sizes(wish)) {
      const transceiver = pc.addTransceiver('video', { direction: 'recvonly' });
      transceiver.setCodecPreferences(preferred(RTCRtpReceiver, 'video', wish.codec));
      peer.screens.push(screen());
    }
    pc.ontrack = ({ track, transceiver }) => {
      if (track.kind === 'audio') listen(peer, track);
      // Sound goes with the first pictures.
      const at = Math.max(pc.getTransceivers().indexOf(transceiver) - 1, 0);
      peer.screens[at].video.srcObject.addTrack(track);
    };
  }

  function screen() {
    const video = document.createElement('video');
    Object.assign(video, { autoplay: true, playsInline: true, srcObject: new MediaStream() });
    document.body.append(video);
    const screen = { video, ages: [], right: 0, wrong: 0, backwards: 0, made: 0, widths: [] };
    const read = picture.reader(video);
    const next = () =>
      video.requestVideoFrameCallback(() => {
        look(screen, read());
        next();
      });
    next();
    return screen;
  }

  function look(screen, { made, age, isRight }) {
    screen[isRight ? 'right' : 'wrong'] += 1;
    // What was not read well tells no time.
    if (isRight && age < 60_000) {
      if (made < screen.made) screen.backwards += 1;
      screen.made = made;
      screen.ages.push(age);
    }
    if (screen.widths.at(-1) !== screen.video.videoWidth) screen.widths.push(screen.video.videoWidth);
  }

  function listen(peer, track) {
    const sound = new AudioContext();
    const analyser = new AnalyserNode(sound, { fftSize: 4096 });
    sound.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    const levels = new Float32Array(analyser.frequencyBinCount);
    peer.pitch = () => {
      analyser.getFloatFrequencyData(levels);
      const loudest = levels.reduce((best, level, at) => (level > levels[best] ? at : best), 0);
      return levels[loudest] > -90 ? (loudest * sound.sampleRate) / analyser.fftSize : undefined;
    };
  }

  /** The codecs that a player or publisher may use: all of a kind, or one by the end of its type (`VP9`). */
  function preferred(role, kind, codec) {
    const { codecs } = role.getCapabilities(kind);
    if (codec === undefined) return codecs;
    const isPlain = ({ sdpFmtpLine = '' }) => !/packetization-mode=0|profile-id=[1-3]$|profile=1/.test(sdpFmtpLine);
    const chosen = codecs.filter((one) => one.mimeType === `${kind}/${codec}` && isPlain(one));
    return [...chosen, ...codecs.filter(({ mimeType }) => mimeType.endsWith('/rtx'))];
  }

  /** What all of them have seen and counted so far. */
  async function sample() {
    return Promise.all(all.map(async (peer) => ({ ...peer.seen, ...(await measure(peer)) })));
  }

  async function measure(peer) {
    const stats = [...(await peer.pc.getStats()).values()];
    const byId = new Map(stats.map((one) => [one.id, one]));
    const of = (type) => stats.filter((one) => one.type === type);
    const [transport = {}] = of('transport');
    const pair = byId.get(transport.selectedCandidatePairId);
    const shared = {
      role: peer.wish.role,
      stream: peer.wish.stream,
      state: peer.pc.connectionState,
      protocol: byId.get(pair?.localCandidateId)?.protocol,
      address: byId.get(pair?.remoteCandidateId)?.address,
      port: byId.get(pair?.remoteCandidateId)?.port,
      srtp: transport.srtpCipher,
      dtls: transport.dtlsRole,
    };
    const codec = ({ codecId }) => byId.get(codecId)?.mimeType;
    if (peer.wish.role === 'publish') {
      const outbound = of('outbound-rtp').filter(({ kind }) => kind === 'video');
      const layers = outbound.map((one) => ({
        rid: one.rid,
        codec: codec(one),
        width: one.frameWidth,
        encoded: one.framesEncoded,
        bytes: one.bytesSent,
        resent: one.retransmittedPacketsSent,
        nacks: one.nackCount,
        plis: one.pliCount,
        limited: one.qualityLimitationReason,
      }));
      const [sound = {}] = of('outbound-rtp').filter(({ kind }) => kind === 'audio');
      return { ...shared, layers, estimate: pair?.availableOutgoingBitrate, audio_packets: sound.packetsSent ?? 0 };
    }
    const [video = {}] = of('inbound-rtp').filter(({ kind }) => kind === 'video');
    const [audio = {}] = of('inbound-rtp').filter(({ kind }) => kind === 'audio');
    const { screens } = peer;
    const ages = screens.flatMap((screen) => screen.ages).toSorted((a, b) => a - b);
    const sum = (name) => screens.reduce((sum, screen) => sum + screen[name], 0);
    return {
      ...shared,
      codec: codec(video),
      decoded: video.framesDecoded ?? 0,
      dropped: video.framesDropped,
      width: video.frameWidth,
      height: video.frameHeight,
      freezes: video.freezeCount,
      frozen: video.totalFreezesDuration,
      packets: video.packetsReceived,
      lost: video.packetsLost,
      resent: video.retransmittedPacketsReceived,
      nacks: video.nackCount,
      plis: video.pliCount,
      right: Math.min(...screens.map((screen) => screen.right)),
      wrong: sum('wrong'),
      backwards: sum('backwards'),
      widths: screens.flatMap((screen) => screen.widths),
      age_p50: ages[Math.floor(ages.length / 2)],
      age_p99: ages[Math.floor(ages.length * 0.99)],
      audio_codec: codec(audio),
      audio_packets: audio.packetsReceived ?? 0,
      audio_lost: audio.packetsLost,
      concealed: audio.concealedSamples,
      pitch: round(peer.pitch?.(), 0),
      level: levelOf(peer.pc),
    };
  }

  /** How loud the publisher says its sound is, from 0 to 1. */
  const levelOf = (pc) =>
    pc
      .getReceivers()
      .filter(({ track }) => track.kind === 'audio')
      .flatMap((receiver) => receiver.getSynchronizationSources())
      .map(({ audioLevel }) => audioLevel)[0];

  /** Takes every resource of WHIP and WHEP down again. */
  async function end() {
    for (const { resource, wish, seen } of all) {
      if (!resource) continue;
      const headers = wish.bearer === undefined ? {} : { Authorization: `Bearer ${wish.bearer}` };
      seen.deleted = (await fetch(resource, { method: 'DELETE', headers })).status;
    }
  }

  async function within(limit, ready) {
    for (const until = performance.now() + limit; !ready() && performance.now() < until; ) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  globalThis.peers = { start, sample, turnSound, end };
})();
