//! What both ends of a connection do alike after the handshake: chunks, protocol control, acknowledgement, ping.

use crate::Error;
use crate::chunk::write::{csid, write_message};
use crate::chunk::{ChunkReader, DEFAULT_CHUNK_SIZE, Message};
use crate::message::{Command, Control, UserControl, kind};
use bytes::Bytes;

/// Windows that a peer announces count as at least this, so that a window of 1 does not answer every byte.
const MIN_WINDOW: u32 = 1024;

/// Chunks of one connection, both ways.
#[derive(Debug)]
pub(crate) struct Transport {
    reader: ChunkReader,
    out: Vec<u8>,
    out_chunk_size: u32,
    /// Bytes of the handshake that were eaten; they count for acknowledgements.
    handshake: u64,
    /// The peer wants an acknowledgement twice in this many bytes; 0 never.
    window: u32,
    acknowledged: u64,
    /// Bytes that were given to the session.
    pub(crate) received: u64,
    /// Bytes that were taken from the session.
    sent: u64,
}

impl Transport {
    pub(crate) fn new() -> Self {
        Transport {
            reader: ChunkReader::default(),
            out: Vec::new(),
            out_chunk_size: DEFAULT_CHUNK_SIZE,
            handshake: 0,
            window: 0,
            acknowledged: 0,
            received: 0,
            sent: 0,
        }
    }

    /// Where the handshake writes, and how many bytes of it were eaten.
    pub(crate) fn handshake(&mut self) -> (&mut Vec<u8>, &mut u64) {
        (&mut self.out, &mut self.handshake)
    }

    /// The next message that is not about the transport itself. Those are obeyed here, and empty ones left out.
    pub(crate) fn next(&mut self, input: &mut &[u8]) -> Result<Option<Message>, Error> {
        while let Some(message) = self.reader.read(input)? {
            self.acknowledge();
            match Control::parse(message.kind, &message.payload) {
                _ if message.payload.is_empty() => {}
                Ok(None) => return Ok(Some(message)),
                Ok(Some(control)) => self.obey(control)?,
                Err(e) => return Err(e),
            }
        }
        Ok(None)
    }

    fn obey(&mut self, control: Control) -> Result<(), Error> {
        match control {
            Control::SetChunkSize(size) => self.reader.set_chunk_size(size)?,
            Control::Abort(csid) => self.reader.abort(csid),
            Control::WindowAckSize(size) => self.expect_window(size),
            Control::User(UserControl::PingRequest(stamp)) => {
                self.control(Control::User(UserControl::PingResponse(stamp)));
            }
            // SRS: SetBufferLength gets no answer. The others tell what needs no act.
            Control::Acknowledgement(_) | Control::PeerBandwidth { .. } | Control::User(_) => {}
        }
        Ok(())
    }

    /// Acknowledges from now on, twice in `size` bytes.
    pub(crate) fn expect_window(&mut self, size: u32) {
        self.window = if size == 0 { 0 } else { size.max(MIN_WINDOW) };
    }

    fn acknowledge(&mut self) {
        let eaten = self.handshake + self.reader.offset();
        if self.window > 0 && eaten - self.acknowledged >= u64::from(self.window / 2) {
            self.acknowledged = eaten;
            // Modulo 2^32, as the field is.
            self.control(Control::Acknowledgement(eaten as u32));
        }
    }

    /// Sends a control message. Set Chunk Size holds for what is sent after it.
    pub(crate) fn control(&mut self, control: Control) {
        let mut body = Vec::new();
        control.write_to(&mut body);
        self.message(csid::CONTROL, control.message_type(), 0, &body);
        if let Control::SetChunkSize(size) = control {
            self.out_chunk_size = size;
        }
    }

    /// Sends a command.
    pub(crate) fn command(&mut self, csid: u8, stream_id: u32, command: &Command) {
        let mut body = Vec::new();
        command.write_to(&mut body);
        self.message(csid, kind::COMMAND, stream_id, &body);
    }

    /// Sends a message with timestamp 0.
    pub(crate) fn message(&mut self, csid: u8, kind: u8, stream_id: u32, body: &[u8]) {
        write_message(&mut self.out, csid, kind, 0, stream_id, body, self.out_chunk_size);
    }

    pub(crate) fn poll_output(&mut self) -> Option<Bytes> {
        if self.out.is_empty() {
            return None;
        }
        self.sent += self.out.len() as u64;
        Some(std::mem::take(&mut self.out).into())
    }

    pub(crate) fn out_chunk_size(&self) -> u32 {
        self.out_chunk_size
    }

    /// Memory that unfinished messages take.
    #[cfg(test)]
    pub(crate) fn reserved(&self) -> usize {
        self.reader.reserved()
    }

    pub(crate) fn sent(&self) -> u64 {
        self.sent
    }
}
