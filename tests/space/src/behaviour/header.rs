//! The header line: late, never, too long, in pieces, or not one at all.

use std::time::Duration;

use crate::catalogue::behaviours;
use crate::log::Ended;
use crate::wire::{Gone, Wire};

behaviours! {
    /// What a server does where its header line should come.
    Header {
        /// Takes the request and says nothing.
        Silence = 24,
        /// A byte of a good header every 5 seconds, for ever.
        Drip = 25,
        /// `close_notify` before any byte.
        EmptyClosed = 26,
        /// FIN without `close_notify` before any byte.
        EmptyCut = 26,
        /// A reset right after the request.
        Reset = 27,
        /// A header without an end.
        Endless = 28,
        /// A good header, each byte in a record of its own: must be read.
        InPieces = 29,
        /// A header of the greatest length and the body in one record: must be read.
        WithBody = 30,
        /// A status of one digit.
        OneDigit = 31,
        /// A status of three digits.
        ThreeDigits = 31,
        /// A word for a status.
        Word = 31,
        /// A negative status.
        Negative = 31,
        /// A blank line first.
        BlankLine = 31,
        /// No blank after the status.
        NoBlank = 31,
        /// A byte order mark before the status.
        ByteOrderMark = 31,
        /// Blanks before the status.
        LeadingBlanks = 31,
        /// A status that the protocol does not define, in a group that it does: 29.
        UndefinedSuccess = 32,
        /// An undefined failure: 58.
        UndefinedFailure = 32,
        /// A status below the first group: 09.
        TooLow = 32,
        /// A status above the last group: 70.
        TooHigh = 32,
        /// A META of 1,500 bytes.
        HugeMeta = 33,
        /// NUL, ESC and C1 controls in the META.
        ControlsInMeta = 33,
        /// Invalid UTF-8 in the META.
        InvalidUtf8InMeta = 33,
        /// A TAB instead of the blank: old servers do that, and it is readable.
        Tab = 33,
        /// A bare LF at the end of the line: old servers do that, and it is readable.
        BareLineFeed = 33,
        /// `20 ` without a media type: gemtext by the old rule.
        EmptySuccess = 33,
        /// A redirect without a target.
        EmptyRedirect = 33,
        /// An empty prompt.
        EmptyPrompt = 33,
        /// A media type with empty parameters: still gemtext.
        EmptyParameters = 34,
        /// A charset with an open quote.
        OpenQuote = 34,
        /// A media type with 200 parameters.
        ManyParameters = 34,
        /// A media type in capitals.
        Capitals = 34,
        /// A media type without a slash.
        NoSlash = 34,
        /// Asks for input at every path.
        InputForEver = 35,
        /// Asks for sensitive input at every path.
        SensitiveInputForEver = 35,
        /// `44 10` for ever.
        SlowDownForEver = 36,
        /// `44` with a number of seconds that fits no integer.
        SlowDownHuge = 36,
        /// `44` with a negative number.
        SlowDownNegative = 36,
        /// `44` with a sentence.
        SlowDownSentence = 36,
        /// Wants a client certificate everywhere.
        CertificateForEver = 37,
        /// Refuses a certificate that nobody showed.
        NotAuthorisedForEver = 37,
        /// A long body after a `51`.
        BodyAfterFailure = 38,
    }
}

const PAGE: &str = "# A page\n\nIt has a few words.\n";

/// Bytes on the wire, or something that takes time.
pub(crate) async fn run(behaviour: Header, wire: Wire) {
    match behaviour {
        Header::Silence => wire.hold().await,
        Header::Drip => drip(wire).await,
        Header::EmptyClosed => wire.close().await,
        Header::EmptyCut => wire.end_tcp_only().await,
        Header::Reset => wire.reset(),
        Header::Endless => endless(wire).await,
        Header::InPieces => pieces(wire).await,
        Header::WithBody => {
            let name = "x".repeat(1_024 - "text/gemini; a=".len());
            bytes(wire, Some(20), format!("20 text/gemini; a={name}\r\n{PAGE}").into_bytes()).await;
        }
        Header::OneDigit => text(wire, None, "2 text/gemini\r\n").await,
        Header::ThreeDigits => text(wire, None, "222 text/gemini\r\n").await,
        Header::Word => text(wire, None, "hi there\r\n").await,
        Header::Negative => text(wire, None, "-1 text/gemini\r\n").await,
        Header::BlankLine => text(wire, None, "\r\n20 text/gemini\r\n").await,
        Header::NoBlank => text(wire, None, "20text/gemini\r\n").await,
        Header::ByteOrderMark => text(wire, None, "\u{feff}20 text/gemini\r\n").await,
        Header::LeadingBlanks => text(wire, None, "  20 text/gemini\r\n").await,
        Header::UndefinedSuccess => text(wire, Some(29), "29 text/gemini\r\n").await,
        Header::UndefinedFailure => text(wire, Some(58), "58 out of cheese\r\n").await,
        Header::TooLow => text(wire, Some(9), "09 text/gemini\r\n").await,
        Header::TooHigh => text(wire, Some(70), "70 text/gemini\r\n").await,
        Header::HugeMeta => {
            let meta = "m".repeat(1_500);
            bytes(wire, Some(20), format!("20 text/gemini; a={meta}\r\n{PAGE}").into_bytes()).await;
        }
        Header::ControlsInMeta => text(wire, Some(51), "51 not\0 \u{1b}[31mfound\u{9b}\r\n").await,
        Header::InvalidUtf8InMeta => bytes(wire, Some(51), b"51 not \xff\xfe found\r\n".to_vec()).await,
        Header::Tab => text(wire, Some(20), "20\ttext/gemini\r\n").await,
        Header::BareLineFeed => text(wire, Some(20), "20 text/gemini\n").await,
        Header::EmptySuccess => text(wire, Some(20), "20 \r\n").await,
        Header::EmptyRedirect => text(wire, Some(30), "30 \r\n").await,
        Header::EmptyPrompt => text(wire, Some(10), "10 \r\n").await,
        Header::EmptyParameters => text(wire, Some(20), "20 text/gemini;;charset=\r\n").await,
        Header::OpenQuote => text(wire, Some(20), "20 text/gemini; charset=\"utf-8\r\n").await,
        Header::ManyParameters => {
            let parameters: String = (0..200).map(|n| format!(";{n}")).collect();
            bytes(wire, Some(20), format!("20 text/gemini{parameters}\r\n{PAGE}").into_bytes()).await;
        }
        Header::Capitals => text(wire, Some(20), "20 TEXT/GEMINI; CHARSET=UTF-8; LANG=EN\r\n").await,
        Header::NoSlash => text(wire, Some(20), "20 gemtext\r\n").await,
        Header::InputForEver => header(wire, 10, "10 Who are you?\r\n").await,
        Header::SensitiveInputForEver => header(wire, 11, "11 Your password?\r\n").await,
        Header::SlowDownForEver => header(wire, 44, "44 10\r\n").await,
        Header::SlowDownHuge => header(wire, 44, "44 999999999999999999999999\r\n").await,
        Header::SlowDownNegative => header(wire, 44, "44 -1\r\n").await,
        Header::SlowDownSentence => header(wire, 44, "44 please retry after 30 seconds\r\n").await,
        Header::CertificateForEver => header(wire, 60, "60 a certificate is needed\r\n").await,
        Header::NotAuthorisedForEver => header(wire, 61, "61 not you\r\n").await,
        Header::BodyAfterFailure => {
            bytes(wire, Some(51), format!("51 not found\r\n{}", PAGE.repeat(2_000)).into_bytes()).await;
        }
    }
}

/// A header line and a page after it.
async fn text(wire: Wire, status: Option<u8>, header: &str) {
    bytes(wire, status, format!("{header}{PAGE}").into_bytes()).await;
}

async fn header(wire: Wire, status: u8, header: &str) {
    bytes(wire, Some(status), header.as_bytes().to_vec()).await;
}

async fn bytes(mut wire: Wire, status: Option<u8>, bytes: Vec<u8>) {
    wire.entry.answered(status);
    let sent = wire.send(&bytes).await;
    wire.finish(sent).await;
}

async fn drip(mut wire: Wire) {
    let header = b"20 text/gemini; note=".iter().copied().chain(std::iter::repeat(b'x'));
    // 120 bytes at a byte in 5 seconds are the ten minutes of our patience.
    for byte in header.take(120) {
        let dripped = match wire.send(&[byte]).await {
            Ok(()) => wire.pause(Duration::from_secs(5)).await,
            Err(Gone) => Err(Gone),
        };
        if dripped.is_err() {
            return wire.entry.ended(Ended::ByClient);
        }
    }
    wire.entry.ended(Ended::GivenUp);
}

async fn endless(mut wire: Wire) {
    let block = [b'x'; 4_096];
    let mut sent = wire.send(b"20 text/gemini; note=").await;
    // A gibibyte is endless enough for any client.
    for _ in 0..262_144 {
        if sent.is_err() {
            break;
        }
        sent = wire.send(&block).await;
    }
    wire.entry.ended(if sent.is_err() { Ended::ByClient } else { Ended::GivenUp });
}

async fn pieces(mut wire: Wire) {
    wire.entry.answered(Some(20));
    let mut sent = Ok(());
    for byte in b"20 text/gemini\r\n" {
        sent = wire.send(&[*byte]).await;
    }
    if sent.is_ok() {
        sent = wire.send(PAGE.as_bytes()).await;
    }
    wire.finish(sent).await;
}
