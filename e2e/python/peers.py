"""Publishers and players of WebRTC by aiortc, as browser/rtc.mjs has them in Chromium: the same wish, the same lines of JSON.

Usage: python3 peers.py '{"peers": [{…}, …]}'
What a peer knows here of what it knows there: role, api, stream, by, query, bearer, relay, codec, width, height, fps.
"""

import asyncio
import fractions
import json
import math
import re
import signal
import struct
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

from aiortc import AudioStreamTrack, RTCPeerConnection, RTCRtpReceiver, RTCRtpSender, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, VideoStreamTrack
from av import AudioFrame, VideoFrame

EVERY = 0.5
COLUMNS, CLOCK_ROWS, ROWS = 8, 4, 5
RATE = 48_000
PITCH = 440
TOLERANCE = 60


def coloured(column):
    """The colour of a block of the last row, as Y, U and V of BT.601."""
    red, green, blue = (255 * (column >> bit & 1) for bit in (2, 1, 0))
    luma = 16 + (65.738 * red + 129.057 * green + 25.064 * blue) / 256
    u = 128 + (-37.945 * red - 74.494 * green + 112.439 * blue) / 256
    v = 128 + (112.439 * red - 94.154 * green - 18.285 * blue) / 256
    return [round(part) for part in (luma, u, v)]


COLOURS = [coloured(column) for column in range(COLUMNS)]


def block_rows(made):
    """Y, U and V of the blocks, row by row."""
    shades = [235 if made >> (31 - at) & 1 else 16 for at in range(COLUMNS * CLOCK_ROWS)]
    rows = [[[shade, 128, 128] for shade in shades[row * COLUMNS :][:COLUMNS]] for row in range(CLOCK_ROWS)]
    return [*rows, COLOURS]


def now_ms():
    return int(time.time() * 1000) % 2**32


class Picture(VideoStreamTrack):
    """The picture of browser/picture.js, drawn anew for each frame."""

    def __init__(self, wish):
        super().__init__()
        self.width, self.height = wish.get("width", 320), wish.get("height", 200)
        self.fps = wish.get("fps", 25)
        self.begun, self.count = time.monotonic(), 0

    async def recv(self):
        await asyncio.sleep(self.begun + self.count / self.fps - time.monotonic())
        frame = VideoFrame(self.width, self.height, "yuv420p")
        rows = block_rows(now_ms())
        for part, plane in enumerate(frame.planes):
            pad = bytes(plane.line_size - plane.width)
            lines = [
                b"".join(bytes([row[x * COLUMNS // plane.width][part]]) for x in range(plane.width)) + pad for row in rows
            ]
            plane.update(b"".join(lines[y * ROWS // plane.height] for y in range(plane.height)))
        frame.pts, frame.time_base = self.count * 90_000 // self.fps, fractions.Fraction(1, 90_000)
        self.count += 1
        return frame


class Tone(AudioStreamTrack):
    """A sine in pieces of 20 ms."""

    def __init__(self):
        super().__init__()
        self.begun, self.count = time.monotonic(), 0

    async def recv(self):
        length = RATE // 50
        await asyncio.sleep(self.begun + self.count / RATE - time.monotonic())
        frame = AudioFrame(format="s16", layout="mono", samples=length)
        turn = 2 * math.pi * PITCH / RATE
        values = [round(8000 * math.sin(turn * at)) for at in range(self.count, self.count + length)]
        frame.planes[0].update(struct.pack(f"<{length}h", *values))
        frame.sample_rate, frame.pts, frame.time_base = RATE, self.count, fractions.Fraction(1, RATE)
        self.count += length
        return frame


class Peer:
    def __init__(self, wish):
        self.wish, self.seen = wish, {}
        self.pc = RTCPeerConnection()
        self.right = self.wrong = self.backwards = self.decoded = self.made = 0
        self.widths, self.ages, self.pitch, self.codec = [], [], None, None
        self.resource = None
        self.tasks = []

    async def start(self):
        if self.wish["role"] == "publish":
            self.pc.addTransceiver(Tone(), direction="sendonly")
            self.prefer(self.pc.addTransceiver(Picture(self.wish), direction="sendonly"), RTCRtpSender)
        else:
            self.pc.on("track", self.on_track)
            self.pc.addTransceiver("audio", direction="recvonly")
            self.prefer(self.pc.addTransceiver("video", direction="recvonly"), RTCRtpReceiver)
        await self.pc.setLocalDescription(await self.pc.createOffer())
        call = self.call_json if self.wish.get("by") == "json" else self.call_http
        answer = await asyncio.to_thread(call, self.pc.localDescription.sdp)
        if answer is None:
            return
        if "relay" in self.wish:
            port = self.wish["relay"]
            answer = re.sub(r"(?im)^(a=candidate:\S+ \d+ udp \d+) \S+ \d+ ", rf"\1 127.0.0.1 {port} ", answer)
        await self.pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        for _ in range(1000):
            if self.pc.connectionState in ("connected", "failed", "closed"):
                break
            await asyncio.sleep(0.02)

    def prefer(self, transceiver, kind):
        wanted = self.wish.get("codec")
        codecs = kind.getCapabilities("video").codecs
        if wanted is not None:
            kept = (f"video/{wanted}".lower(), "video/rtx")
            codecs = [codec for codec in codecs if codec.mimeType.lower() in kept]
        transceiver.setCodecPreferences(codecs)

    def post(self, url, body, headers):
        request = urllib.request.Request(url, body.encode(), headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                return response.status, dict(response.headers), response.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, dict(refusal.headers), refusal.read().decode()

    def bearer(self):
        token = self.wish.get("bearer")
        return {} if token is None else {"Authorization": f"Bearer {token}"}

    def call_http(self, sdp):
        call = "whip" if self.wish["role"] == "publish" else "whep"
        app, name = self.wish["stream"].split("/")
        url = f"{self.wish['api']}/rtc/v1/{call}/?app={app}&stream={name}{self.wish.get('query', '')}"
        status, headers, body = self.post(url, sdp, {"Content-Type": "application/sdp", **self.bearer()})
        self.seen.update(status=status, location=headers.get("Location"), etag=headers.get("ETag"))
        if status != 201:
            self.seen["refusal"] = body
            return None
        location = headers.get("Location")
        self.resource = location and urllib.parse.urljoin(url, location)
        return body

    def call_json(self, sdp):
        url = f"{self.wish['api']}/rtc/v1/{self.wish['role']}/"
        body = {"api": url, "tid": "1a2b3c4", "streamurl": f"webrtc://127.0.0.1/{self.wish['stream']}", "sdp": sdp}
        query = self.wish.get("query", "")
        status, _, text = self.post(f"{url}?{query}", json.dumps(body), {"Content-Type": "application/json"})
        answer = json.loads(text)
        self.seen.update(status=status, code=answer.get("code"), session=answer.get("sessionid"))
        return answer.get("sdp")

    def on_track(self, track):
        self.tasks.append(asyncio.ensure_future(self.watch(track) if track.kind == "video" else self.listen(track)))

    async def watch(self, track):
        try:
            while True:
                self.look(await track.recv())
        except MediaStreamError:
            pass

    def look(self, frame):
        self.decoded += 1
        now = now_ms()
        blocks = [[[], [], []] for _ in range(COLUMNS * ROWS)]
        for part, plane in enumerate(frame.reformat(format="yuv420p").planes):
            data = memoryview(plane)
            for at, block in enumerate(blocks):
                x = plane.width * (2 * (at % COLUMNS) + 1) // (2 * COLUMNS)
                y = plane.height * (2 * (at // COLUMNS) + 1) // (2 * ROWS)
                block[part] = data[y * plane.line_size + x]
        made = 0
        for luma, _, _ in blocks[: COLUMNS * CLOCK_ROWS]:
            made = made * 2 + (luma > 127)
        seen = zip(blocks[COLUMNS * CLOCK_ROWS :], COLOURS)
        is_right = all(abs(one - other) <= TOLERANCE for block, colour in seen for one, other in zip(block, colour))
        age = (now - made) % 2**32
        if is_right:
            self.right += 1
            if age < 60_000:
                self.backwards += made < self.made
                self.made = made
                self.ages.append(age)
        else:
            self.wrong += 1
        if self.widths[-1:] != [frame.width]:
            self.widths.append(frame.width)

    async def listen(self, track):
        rate, passed, samples = RATE, 0, 0
        last = 0
        try:
            while True:
                frame = await track.recv()
                rate = frame.sample_rate
                count = frame.samples * len(frame.layout.channels)
                # There may be more in the buffer than the frame has.
                values = struct.unpack_from(f"<{count}h", memoryview(frame.planes[0]))
                # The first channel: a sine passes zero upwards once in a turn.
                for value in values[:: len(frame.layout.channels)]:
                    passed += last < 0 <= value
                    samples += 1
                    last = value
                if samples >= rate:
                    self.pitch = round(passed * rate / samples)
                    passed = samples = 0
        except MediaStreamError:
            pass

    async def sample(self):
        stats = list((await self.pc.getStats()).values())
        shared = {**self.seen, "role": self.wish["role"], "stream": self.wish["stream"], "state": self.pc.connectionState}
        if self.wish["role"] == "publish":
            sent = [one for one in stats if one.type == "outbound-rtp" and one.kind == "video"]
            return {**shared, "layers": [{"packets": one.packetsSent, "bytes": one.bytesSent} for one in sent]}
        of = {one.kind: one for one in stats if one.type == "inbound-rtp"}
        ages = sorted(self.ages)
        at = lambda part: ages[int(len(ages) * part)] if ages else None
        return {
            **shared,
            "decoded": self.decoded,
            "right": self.right,
            "wrong": self.wrong,
            "backwards": self.backwards,
            "widths": self.widths,
            "width": self.widths[-1] if self.widths else None,
            "packets": of["video"].packetsReceived if "video" in of else 0,
            "lost": of["video"].packetsLost if "video" in of else 0,
            "audio_packets": of["audio"].packetsReceived if "audio" in of else 0,
            "pitch": self.pitch,
            "age_p50": at(0.5),
            "age_p99": at(0.99),
        }

    def delete(self):
        request = urllib.request.Request(self.resource, headers=self.bearer(), method="DELETE")
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.status
        except urllib.error.HTTPError as refusal:
            return refusal.code

    async def end(self):
        if self.resource is not None:
            self.seen["deleted"] = await asyncio.to_thread(self.delete)


async def tell(peers):
    print(json.dumps({"peers": [await peer.sample() for peer in peers], "errors": []}), flush=True)


async def main(wish):
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    peers = [Peer(one) for one in wish["peers"]]

    async def start():
        for peer in peers:
            await peer.start()

    started = asyncio.ensure_future(start())
    while not over.is_set():
        if started.done():
            started.result()
        await tell(peers)
        await asyncio.sleep(EVERY)
    for peer in peers:
        await peer.end()
    await tell(peers)
    for peer in peers:
        await peer.pc.close()


asyncio.run(main(json.loads(sys.argv[1])))
