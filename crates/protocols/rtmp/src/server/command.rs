//! What each command of a client does.

use super::{Connect, Event, Flow, MAX_CREATE_STREAM, PublishStyle, ServerSession, Stage, Waiting, reply};
use crate::Error;
use crate::message::{Command, MEDIA_STREAM, UserControl};
use crate::{enhanced, url};
use weir_flv::amf0::Value;

impl ServerSession {
    pub(super) fn command(&mut self, command: Command) -> Result<(), Error> {
        if self.stage == Stage::Connect {
            return self.connect(command);
        }
        match command.name.as_str() {
            "createStream" => self.create_stream(&command)?,
            "releaseStream" | "FCPublish" => self.announce(&command),
            "FCUnpublish" if self.stage == Stage::Publishing => self.fc_unpublish(&command),
            "publish" => self.publish(&command)?,
            "play" => self.play(&command)?,
            "pause" if self.stage == Stage::Playing => self.pause(&command),
            "closeStream" => self.leave(),
            "deleteStream" => {
                self.leave();
                reply::empty_result(&mut self.link, command.transaction);
            }
            // Answers to calls that the server makes, onBWDone among them.
            "_result" | "_error" => {}
            _ => self.call(command),
        }
        Ok(())
    }

    fn connect(&mut self, command: Command) -> Result<(), Error> {
        if command.name != "connect" {
            let command = url::cut(&command.name, 64).to_owned();
            return Err(Error::NotConnected { command });
        }
        let transaction = command.transaction;
        let mut args = command.args.into_iter();
        let object = args.next().unwrap_or(Value::Null);
        let text = |name| match object.get(name).and_then(Value::as_str).unwrap_or_default() {
            long if long.len() > url::MAX_URL => {
                Err(Error::Name { what: name, why: "it is too long", len: long.len() })
            }
            text => Ok(text.to_owned()),
        };
        let connect = Connect {
            app: text("app")?,
            tc_url: text("tcUrl")?,
            page_url: text("pageUrl")?,
            swf_url: text("swfUrl")?,
            flash_ver: text("flashVer")?,
            object_encoding: object.get("objectEncoding").and_then(Value::as_number).unwrap_or_default(),
            enhanced: enhanced::announced(&object),
            args: args.next().filter(|value| value.properties().is_some()),
        };
        if connect.tc_url.is_empty() {
            return Err(Error::NoTcUrl);
        }
        url::Target::of_app(&connect.tc_url)?;
        let (object_encoding, is_enhanced) = (connect.object_encoding, connect.enhanced.is_some());
        self.waiting = Some(Waiting::Connect { transaction, object_encoding, is_enhanced });
        self.events.push_back(Event::Connect(Box::new(connect)));
        Ok(())
    }

    fn create_stream(&mut self, command: &Command) -> Result<(), Error> {
        if self.flow.created == MAX_CREATE_STREAM {
            return Err(Error::CreateStream);
        }
        self.flow.created += 1;
        reply::stream_created(&mut self.link, command.transaction);
        Ok(())
    }

    /// `releaseStream` and `FCPublish` change nothing but the order that [`PublishStyle`] tells.
    fn announce(&mut self, command: &Command) {
        self.flow.fmle |= self.flow.created == 0;
        self.flow.fc_publish |= command.name == "FCPublish";
        reply::announced(&mut self.link, command.transaction);
    }

    fn publish(&mut self, command: &Command) -> Result<(), Error> {
        self.leave();
        let name = self.stream_name(command, "NetStream.Publish.BadName")?;
        let style = match self.flow {
            Flow { fmle: true, .. } => PublishStyle::Fmle,
            Flow { fc_publish: true, .. } => PublishStyle::Haivision,
            _ => PublishStyle::Flash,
        };
        if style != PublishStyle::Flash {
            // SRS: comes before the stream is known to be free, so a refused publisher gets it too.
            reply::fc_published(&mut self.link);
        }
        self.waiting = Some(Waiting::Publish);
        self.events.push_back(Event::Publish { name, style });
        Ok(())
    }

    fn play(&mut self, command: &Command) -> Result<(), Error> {
        self.leave();
        let name = self.stream_name(command, "NetStream.Play.Failed")?;
        let reset = match command.args.get(4) {
            Some(Value::Boolean(reset)) => *reset,
            Some(Value::Number(reset)) => *reset != 0.0,
            _ => true,
        };
        let start = command.number(2).unwrap_or(-2.0);
        let duration = command.number(3).unwrap_or(-1.0);
        self.waiting = Some(Waiting::Play);
        self.events.push_back(Event::Play { name, start, duration, reset });
        Ok(())
    }

    /// The name of the stream, which may be empty here: then the URL names it. A bad one is told to the client.
    fn stream_name(&mut self, command: &Command, code: &str) -> Result<String, Error> {
        let name = command.text(1).unwrap_or_default();
        url::check_name("stream name", name).inspect_err(|e| reply::refused(&mut self.link, code, &e.to_string()))?;
        Ok(name.to_owned())
    }

    fn pause(&mut self, command: &Command) {
        let paused = matches!(command.args.get(1), Some(Value::Boolean(true)));
        reply::paused(&mut self.link, paused);
        self.stream_event(match paused {
            true => UserControl::StreamEof(MEDIA_STREAM),
            false => UserControl::StreamBegin(MEDIA_STREAM),
        });
        self.events.push_back(Event::Pause { paused, millis: command.number(2).unwrap_or_default() });
    }

    fn fc_unpublish(&mut self, command: &Command) {
        self.stage = Stage::Idle;
        self.waiting = Some(Waiting::Unpublished { transaction: command.transaction });
        self.events.push_back(Event::Unpublish);
    }

    /// Ends what the client does without a word to it.
    fn leave(&mut self) {
        match self.stage {
            Stage::Publishing => self.events.push_back(Event::Unpublish),
            Stage::Playing => self.events.push_back(Event::CloseStream),
            _ => return,
        }
        self.stage = Stage::Idle;
        self.expect_message();
    }

    fn call(&mut self, command: Command) {
        reply::empty_result(&mut self.link, command.transaction);
        let Command { name, transaction, args } = command;
        self.events.push_back(Event::Call { name, transaction, args });
    }
}
