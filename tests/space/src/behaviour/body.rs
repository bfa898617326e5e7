//! The body and its end: endless, dripping, cut, lying about itself.

use std::time::Duration;

use tokio::io::AsyncWriteExt;

use crate::catalogue::behaviours;
use crate::log::Ended;
use crate::wire::{Gone, PATIENCE, Wire, read_to_end};

behaviours! {
    /// What a server does after a good header.
    Body {
        /// A whole page, and then the connection stays open without `close_notify`.
        NeverCloses = 45,
        /// A byte every 9 seconds, below an idle limit of 10, for ever.
        Drip = 46,
        /// Zero bytes as fast as they go, for ever.
        EndlessFast = 47,
        /// Gemtext as fast as it goes, for ever.
        EndlessGemtext = 47,
        /// 100 MiB of gemtext with a proper end.
        Huge = 48,
        /// One line of 10 MiB.
        OneLongLine = 49,
        /// A hundred thousand links.
        ManyLinks = 49,
        /// A hundred thousand headings.
        ManyHeadings = 49,
        /// Nothing but preformatting toggles.
        OnlyToggles = 49,
        /// FIN without `close_notify` after a whole page.
        NoCloseNotify = 50,
        /// A reset in the middle.
        Reset = 51,
        /// `close_notify` after a whole page, and then TCP stays open.
        TcpStaysOpen = 52,
        /// Bytes after `close_notify`.
        DataAfterCloseNotify = 53,
        /// A record in the middle that cannot be decrypted.
        BrokenRecord = 54,
        /// Cuts the body with a clean `close_notify` when it sees the client's FIN.
        CutsAtClientsFin = 55,
        /// UTF-8 under the label utf-16.
        WrongCharset = 56,
        /// Invalid UTF-8, overlong forms, lone surrogates, NULs.
        InvalidText = 56,
        /// A byte order mark first.
        ByteOrderMark = 56,
        /// ANSI escapes, bidi controls and zero-width characters in text and labels.
        ControlCharacters = 58,
        /// Lines made to look like a result page when they are quoted.
        ForgedLines = 59,
    }
}

const GEMTEXT: &str = "20 text/gemini\r\n";
const PAGE: &str = "# A whole page\n\nNothing of it is missing.\n\n=> /second A second page\n";

pub(crate) async fn run(behaviour: Body, wire: Wire) {
    wire.entry.answered(Some(20));
    match behaviour {
        Body::NeverCloses => page_then(wire, PAGE, End::Hold).await,
        Body::Drip => drip(wire).await,
        Body::EndlessFast => stream(wire, "20 application/octet-stream\r\n", &[0; 16_384], u64::MAX).await,
        Body::EndlessGemtext => stream(wire, GEMTEXT, &gemtext_block(), u64::MAX).await,
        Body::Huge => stream(wire, GEMTEXT, &gemtext_block(), 100 << 20).await,
        Body::OneLongLine => stream(wire, GEMTEXT, &b"word ".repeat(4_000), 10 << 20).await,
        Body::ManyLinks => {
            let links: String = (0..100_000).map(|n| format!("=> /n{n} Number {n}\n")).collect();
            page_then(wire, &links, End::Closed).await;
        }
        Body::ManyHeadings => page_then(wire, &"## Again\n".repeat(100_000), End::Closed).await,
        Body::OnlyToggles => page_then(wire, &"```\n".repeat(100_000), End::Closed).await,
        Body::NoCloseNotify => page_then(wire, PAGE, End::TcpOnly).await,
        Body::Reset => page_then(wire, "# Half a page\n\nHere it", End::Reset).await,
        Body::TcpStaysOpen => closed_but_open(wire, b"").await,
        Body::DataAfterCloseNotify => closed_but_open(wire, b"\x17\x03\x03\x00\x08too late").await,
        Body::BrokenRecord => broken_record(wire).await,
        Body::CutsAtClientsFin => cut_at_fin(wire).await,
        Body::WrongCharset => {
            let header = "20 text/gemini; charset=utf-16\r\n";
            bytes(wire, header, PAGE.as_bytes()).await;
        }
        Body::InvalidText => {
            let text =
                b"# Broken \xff\xfe text\n\n\xc0\xaf overlong, \xed\xa0\x80 lone, \x00 nul, fine again\n";
            bytes(wire, GEMTEXT, text).await;
        }
        Body::ByteOrderMark => page_then(wire, &format!("\u{feff}{PAGE}"), End::Closed).await,
        Body::ControlCharacters => {
            let text = "# Plain \u{1b}[2J\u{1b}[31mred\n\n\u{202e}desrever\u{202c} and zero\u{200b}width\n\
                        => /second \u{1b}]0;title\u{7}A label\u{2028}with more\n";
            page_then(wire, text, End::Closed).await;
        }
        Body::ForgedLines => {
            let text = "# Forged\n\nA quiet line\n=> gemini://evil.example/ 1. The best result\n\
                        ```\n=> /trap not a link\n```\n# <script>alert(1)</script>\n";
            page_then(wire, text, End::Closed).await;
        }
    }
}

enum End {
    Closed,
    Hold,
    TcpOnly,
    Reset,
}

async fn page_then(mut wire: Wire, page: &str, end: End) {
    if wire.send(format!("{GEMTEXT}{page}").as_bytes()).await.is_err() {
        return wire.entry.ended(Ended::ByClient);
    }
    match end {
        End::Closed => wire.close().await,
        End::Hold => wire.hold().await,
        End::TcpOnly => wire.end_tcp_only().await,
        End::Reset => {
            // Only what has been read cannot be destroyed by the reset.
            let _ = wire.pause(Duration::from_secs(2)).await;
            wire.reset();
        }
    }
}

async fn bytes(mut wire: Wire, header: &str, body: &[u8]) {
    let sent = wire.send(&[header.as_bytes(), body].concat()).await;
    wire.finish(sent).await;
}

async fn drip(mut wire: Wire) {
    let mut sent = wire.send(GEMTEXT.as_bytes()).await;
    for byte in PAGE.bytes().cycle().take(70) {
        if sent.is_err() {
            break;
        }
        sent = match wire.send(&[byte]).await {
            Ok(()) => wire.pause(Duration::from_secs(9)).await,
            Err(Gone) => Err(Gone),
        };
    }
    wire.entry.ended(if sent.is_err() { Ended::ByClient } else { Ended::GivenUp });
}

/// About 16 KiB of lines that look like pages of an archive.
fn gemtext_block() -> Vec<u8> {
    (0..300)
        .map(|n| format!("Line {n} of a text that goes on and on\n=> /page/{n} Page {n}\n"))
        .collect::<String>()
        .into()
}

/// Blocks until so many bytes are out; endless ones end with our patience or 16 GiB.
async fn stream(mut wire: Wire, header: &str, block: &[u8], total: u64) {
    let blocks = (total / block.len() as u64).min((16 << 30) / block.len() as u64);
    let mut sent = wire.send(header.as_bytes()).await;
    let streaming = async {
        for _ in 0..blocks {
            if sent.is_err() {
                break;
            }
            sent = wire.send(block).await;
        }
    };
    let in_time = tokio::time::timeout(PATIENCE, streaming).await.is_ok();
    if in_time && total != u64::MAX {
        wire.finish(sent).await;
    } else {
        wire.entry.ended(if sent.is_err() { Ended::ByClient } else { Ended::GivenUp });
    }
}

/// `close_notify` without FIN, perhaps some bytes, and then nothing.
async fn closed_but_open(mut wire: Wire, late: &[u8]) {
    if wire.send(format!("{GEMTEXT}{PAGE}").as_bytes()).await.is_err() {
        return wire.entry.ended(Ended::ByClient);
    }
    let (tcp, session) = wire.tls.get_mut();
    session.send_close_notify();
    let mut alert = Vec::new();
    let _ = session.write_tls(&mut alert);
    alert.extend_from_slice(late);
    let _ = tcp.write_all(&alert).await;
    let left = read_to_end(tcp, PATIENCE).await;
    wire.entry.ended(if left { Ended::ByClient } else { Ended::GivenUp });
}

async fn broken_record(mut wire: Wire) {
    if wire.send(format!("{GEMTEXT}{PAGE}").as_bytes()).await.is_err() {
        return wire.entry.ended(Ended::ByClient);
    }
    // Before the bad record comes, the client shall have read the good ones.
    if wire.pause(Duration::from_secs(2)).await.is_err() {
        return wire.entry.ended(Ended::ByClient);
    }
    let (tcp, _) = wire.tls.get_mut();
    let record = [&b"\x17\x03\x03\x00\x40"[..], &[0x5a; 64]].concat();
    let _ = tcp.write_all(&record).await;
    let left = read_to_end(tcp, PATIENCE).await;
    wire.entry.ended(if left { Ended::ByClient } else { Ended::GivenUp });
}

/// Sends the page in two halves with a second between; a client that has closed its side gets the first only.
async fn cut_at_fin(mut wire: Wire) {
    let (first, second) = PAGE.split_at(PAGE.len() / 2);
    let mut sent = wire.send(format!("{GEMTEXT}{first}").as_bytes()).await;
    if sent.is_ok() && wire.pause(Duration::from_secs(1)).await.is_ok() {
        sent = wire.send(second.as_bytes()).await;
    }
    wire.finish(sent).await;
}
