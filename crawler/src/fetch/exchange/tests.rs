//! Answers as scripts: what arrives, in which pieces, and how it ends.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use proptest::prelude::*;
use shared::gemini::status::Status;
use tokio::io::ReadBuf;
use tokio::time::Sleep;

use super::*;

/// One step of a server's script.
enum Step {
    Bytes(Vec<u8>),
    Wait(Duration),
    Asleep(Pin<Box<Sleep>>),
    Error(io::ErrorKind),
    Hang,
}

/// A server that follows its script and then ends in good order.
struct Script(VecDeque<Step>);

impl AsyncRead for Script {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            match self.0.pop_front() {
                None => return Poll::Ready(Ok(())),
                Some(Step::Bytes(mut bytes)) => {
                    let rest = bytes.split_off(bytes.len().min(buf.remaining()));
                    buf.put_slice(&bytes);
                    if !rest.is_empty() {
                        self.0.push_front(Step::Bytes(rest));
                    }
                    return Poll::Ready(Ok(()));
                }
                Some(Step::Wait(time)) => {
                    self.0.push_front(Step::Asleep(Box::pin(tokio::time::sleep(time))));
                }
                Some(Step::Asleep(mut sleep)) => {
                    if sleep.as_mut().poll(cx).is_pending() {
                        self.0.push_front(Step::Asleep(sleep));
                        return Poll::Pending;
                    }
                }
                Some(Step::Error(kind)) => return Poll::Ready(Err(kind.into())),
                Some(Step::Hang) => {
                    self.0.push_front(Step::Hang);
                    return Poll::Pending;
                }
            }
        }
    }
}

impl AsyncWrite for Script {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

fn bytes(text: impl AsRef<[u8]>) -> Step {
    Step::Bytes(text.as_ref().to_vec())
}

fn wait(milliseconds: u64) -> Step {
    Step::Wait(Duration::from_millis(milliseconds))
}

/// Times a hundred times faster than in earnest.
fn limits() -> Limits {
    Limits::default().faster(100)
}

async fn run(
    steps: impl IntoIterator<Item = Step>,
    want: Want,
) -> Result<(Status, Vec<u8>, Ending), FetchError> {
    run_with(steps, want, &limits(), 16).await
}

async fn run_with(
    steps: impl IntoIterator<Item = Step>,
    want: Want,
    limits: &Limits,
    permits: usize,
) -> Result<(Status, Vec<u8>, Ending), FetchError> {
    let url = GeminiUrl::parse("gemini://example.org/").unwrap();
    let mut script = Script(steps.into_iter().collect());
    let mut received = Received::nothing();
    let large = Arc::new(Semaphore::new(permits));
    let allowance = Allowance { want, limits, large: &large };
    let ending = exchange(&mut script, &url, allowance, &mut received).await?;
    Ok((received.header.unwrap().status(), received.bytes, ending))
}

fn in_runtime<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

proptest! {
    #[test]
    fn an_answer_is_the_same_whatever_its_splits(
        header in "[0-9a-z]{0,3}[ \t]?[ -~]{0,60}",
        long in 0_usize..1_100,
        end in "(\r\n|\n|\r|)",
        body in proptest::collection::vec(any::<u8>(), 0..200),
        splits in proptest::collection::vec(1_usize..40, 0..60),
    ) {
        let mut whole = format!("{header}{}{end}", "x".repeat(long)).into_bytes();
        whole.extend_from_slice(&body);
        let (mut pieces, mut rest) = (Vec::new(), whole.as_slice());
        for split in splits {
            let (piece, left) = rest.split_at(split.min(rest.len()));
            pieces.push(piece.to_vec());
            rest = left;
        }
        pieces.push(rest.to_vec());
        let pieces = pieces.into_iter().filter(|piece| !piece.is_empty()).map(Step::Bytes);
        let show = |result: Result<_, FetchError>| format!("{result:?}");
        let once = in_runtime(run((!whole.is_empty()).then(|| Step::Bytes(whole.clone())), Want::Page));
        let split = in_runtime(run(pieces, Want::Page));
        prop_assert_eq!(show(once), show(split));
    }
}

#[tokio::test]
async fn a_body_ends_as_it_ends_and_what_came_is_kept() {
    let table = [
        (vec![bytes("abc")], "abc", Ending::Complete),
        (vec![], "", Ending::Complete),
        (vec![bytes("abc"), Step::Error(io::ErrorKind::UnexpectedEof)], "abc", Ending::WithoutCloseNotify),
        (vec![bytes("abc"), Step::Error(io::ErrorKind::ConnectionReset)], "abc", Ending::CutByReset),
        (vec![bytes("abc"), Step::Error(io::ErrorKind::BrokenPipe)], "abc", Ending::CutByReset),
        (vec![bytes("abc"), Step::Error(io::ErrorKind::InvalidData)], "abc", Ending::CutByTlsError),
        (
            vec![bytes("a"), Step::Error(io::ErrorKind::InvalidData), bytes("bc")],
            "abc",
            Ending::CutByTlsError,
        ),
        (vec![bytes("abc"), Step::Hang], "abc", Ending::CutByLimit(Limit::Silence)),
        (vec![Step::Hang], "", Ending::CutByLimit(Limit::Silence)),
    ];
    for (steps, body, ending) in table {
        let steps = std::iter::once(bytes("20 text/gemini\r\n")).chain(steps);
        let (_, found, ended) = run(steps, Want::Page).await.unwrap();
        assert_eq!((found.as_slice(), ended), (body.as_bytes(), ending));
    }
}

#[tokio::test]
async fn a_drip_is_cut_by_its_rate_though_it_is_never_silent() {
    let drip = (0..100).flat_map(|_| [bytes("x"), wait(30)]);
    let steps = std::iter::once(bytes("20 \r\n")).chain(drip);
    let (_, body, ending) = run(steps, Want::Page).await.unwrap();
    assert_eq!(ending, Ending::CutByLimit(Limit::Rate));
    assert!(body.len() < 10);

    let flow = (0..8).flat_map(|_| [bytes([b'x'; 1_500]), wait(30)]);
    let steps = std::iter::once(bytes("20 \r\n")).chain(flow);
    let (_, body, ending) = run(steps, Want::Page).await.unwrap();
    assert_eq!((body.len(), ending), (12_000, Ending::Complete));
}

#[tokio::test]
async fn of_each_type_as_much_is_read_as_is_wanted() {
    let limits = limits();
    let table = [
        ("text/gemini", Want::Page, limits.text_bytes, Ending::CutByLimit(Limit::Size)),
        ("application/atom+xml", Want::Page, limits.text_bytes, Ending::CutByLimit(Limit::Size)),
        ("image/png", Want::Page, limits.image_bytes, Ending::CutByLimit(Limit::Size)),
        ("application/zip", Want::Page, 0, Ending::NotRead),
        ("text/plain", Want::Robots, limits.robots_bytes, Ending::CutByLimit(Limit::Size)),
        ("image/png", Want::Robots, 0, Ending::NotRead),
    ];
    for (media_type, want, most, ending) in table {
        let mebibyte = vec![b'x'; 1024 * 1024];
        let steps = std::iter::once(bytes(format!("20 {media_type}\r\n")))
            .chain((0..5).map(|_| Step::Bytes(mebibyte.clone())));
        let (_, body, ended) = run(steps, want).await.unwrap();
        assert_eq!((body.len(), ended), (most, ending), "{media_type} {want:?}");
    }
    let exactly = [bytes("20 \r\n"), Step::Bytes(vec![b'x'; limits.text_bytes])];
    let (_, body, ending) = run(exactly, Want::Page).await.unwrap();
    assert_eq!((body.len(), ending), (limits.text_bytes, Ending::Complete));
}

#[tokio::test]
async fn a_large_body_needs_a_permit_and_a_small_one_does_not() {
    let limits = limits();
    let answer = |size: usize| [bytes("20 \r\n"), Step::Bytes(vec![b'x'; size])];
    let small = run_with(answer(limits.large_bytes), Want::Page, &limits, 0).await.unwrap();
    assert_eq!(small.2, Ending::Complete);
    let large = run_with(answer(limits.large_bytes + 1), Want::Page, &limits, 0).await.unwrap();
    assert_eq!((large.1.len(), large.2), (limits.large_bytes, Ending::CutByLimit(Limit::Permits)));
    let large = run_with(answer(limits.large_bytes + 1), Want::Page, &limits, 1).await.unwrap();
    assert_eq!(large.2, Ending::Complete);
}

#[tokio::test]
async fn after_other_statuses_nothing_is_read() {
    for header in ["10 name?", "31 /x", "41 busy", "44 10", "51 no", "60 certificate"] {
        let steps = [bytes(format!("{header}\r\nbody that nobody asked for")), Step::Hang];
        let (status, body, ending) = run(steps, Want::Page).await.unwrap();
        assert_eq!((body.len(), ending), (0, Ending::NotRead), "{status:?}");
    }
}

#[tokio::test]
async fn what_is_no_header_is_an_error_that_says_why() {
    let show = async |steps: Vec<Step>| run(steps, Want::Page).await.unwrap_err().to_string();
    let long = format!("20 {}", "x".repeat(1_024));
    assert!(run([bytes(format!("{long}\r\n"))], Want::Page).await.is_ok());
    assert_eq!(show(vec![bytes(format!("{long}x\r\n"))]).await, "the header is longer than 1029 bytes");
    assert_eq!(show(vec![bytes(&long), Step::Hang]).await, "Header took longer than 100ms");
    assert_eq!(show(vec![bytes("hello\r\n")]).await, "the header is not Gemini");
    assert_eq!(show(vec![bytes("HTTP/1.1 400 Bad Request\r\n")]).await, "the header is not Gemini");
    assert_eq!(show(vec![bytes("20")]).await, "the connection ended after 2 bytes of the header");
    assert_eq!(show(vec![]).await, "the connection ended after 0 bytes of the header");
    assert_eq!(show(vec![Step::Error(io::ErrorKind::InvalidData)]).await, "the handshake failed");
    let drip = (0..50).flat_map(|_| [bytes("2"), wait(10)]).collect();
    assert_eq!(show(drip).await, "Header took longer than 100ms");
}
