//! A capsule written out by a test, so that the test reads as a story.
//!
//! ```
//! # use space::Capsule;
//! let garden = Capsule::new()
//!     .page("/", "# The garden\n=> /pond The pond")
//!     .page("/pond", "# The pond")
//!     .slow_down("/pond", "30", 2)
//!     .moved("/lake", "/pond");
//! ```

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::answer::Answer;
use crate::behaviour::Misanswer;

type Compute = Arc<dyn Fn(u64) -> Answer + Send + Sync>;

/// A scripted capsule: what each path answers, the first time and later. Paths are matched as they stand in
/// the request, first with the query, then without; every other path is `51`.
#[derive(Clone, Debug, Default)]
pub struct Capsule {
    paths: HashMap<String, Script>,
    otherwise: Option<Script>,
    /// How often each path has been asked for; shared by all later versions of the same capsule.
    asked: Arc<Mutex<HashMap<String, u64>>>,
}

/// What one path does: the first answers, each once, and then one thing for ever.
#[derive(Clone, Debug)]
struct Script {
    first: Vec<Answer>,
    then: Act,
    delay: Duration,
}

impl Script {
    fn new(then: Act) -> Self {
        Self { first: Vec::new(), then, delay: Duration::ZERO }
    }
}

/// What a host does with a request.
#[derive(Clone)]
pub(crate) enum Act {
    Answer(Answer),
    Misanswer(Misanswer),
    Compute(Compute),
}

impl fmt::Debug for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer(answer) => answer.fmt(f),
            Self::Misanswer(misanswer) => misanswer.fmt(f),
            Self::Compute(_) => f.write_str("Compute"),
        }
    }
}

impl Capsule {
    /// A capsule without pages.
    pub fn new() -> Self {
        Self::default()
    }

    /// A gemtext page.
    pub fn page(self, path: &str, text: impl Into<String>) -> Self {
        self.answer(path, Answer::gemtext(text))
    }

    /// Any bytes under any media type.
    pub fn file(self, path: &str, media_type: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.answer(path, Answer::file(media_type, bytes))
    }

    /// `/robots.txt`, as text/plain.
    pub fn robots(self, text: &str) -> Self {
        self.file("/robots.txt", "text/plain", text)
    }

    /// A temporary redirect, `30`.
    pub fn redirect(self, path: &str, target: &str) -> Self {
        self.status(path, &format!("30 {target}"))
    }

    /// A permanent redirect, `31`.
    pub fn moved(self, path: &str, target: &str) -> Self {
        self.status(path, &format!("31 {target}"))
    }

    /// A page that wants input, `10`.
    pub fn prompt(self, path: &str, prompt: &str) -> Self {
        self.status(path, &format!("10 {prompt}"))
    }

    /// A header line as it stands, without a body: `51 not found`.
    pub fn status(self, path: &str, header: &str) -> Self {
        self.answer(path, Answer::status(header))
    }

    /// Any answer.
    pub fn answer(self, path: &str, answer: Answer) -> Self {
        self.then(path, Act::Answer(answer))
    }

    /// The first `times` requests get `44` with this META, later ones what the path otherwise does.
    pub fn slow_down(self, path: &str, meta: &str, times: usize) -> Self {
        let answer = Answer::status(format!("44 {meta}"));
        self.at_first(path, std::iter::repeat_n(answer, times))
    }

    /// A page whose text is another at each request; the last one stays.
    pub fn changing<T: Into<String>>(self, path: &str, texts: impl IntoIterator<Item = T>) -> Self {
        self.sequence(path, texts.into_iter().map(|text| Answer::gemtext(text)))
    }

    /// One answer after the other; the last one stays. No answers at all make the path a `51`.
    pub fn sequence(self, path: &str, answers: impl IntoIterator<Item = Answer>) -> Self {
        let mut answers: Vec<Answer> = answers.into_iter().collect();
        let last = answers.pop().unwrap_or_else(Answer::not_found);
        self.answer(path, last).at_first(path, answers)
    }

    /// These answers first, each once; later requests get what the path otherwise does.
    pub fn at_first(mut self, path: &str, answers: impl IntoIterator<Item = Answer>) -> Self {
        self.script(path).first.extend(answers);
        self
    }

    /// An answer computed from how often the path was asked for before.
    pub fn computed(self, path: &str, answer: impl Fn(u64) -> Answer + Send + Sync + 'static) -> Self {
        self.then(path, Act::Compute(Arc::new(answer)))
    }

    /// A path that misbehaves among others that do not.
    pub fn hostile(self, path: &str, misanswer: impl Into<Misanswer>) -> Self {
        self.then(path, Act::Misanswer(misanswer.into()))
    }

    /// The path answers only after this time.
    pub fn delayed(mut self, path: &str, delay: Duration) -> Self {
        self.script(path).delay = delay;
        self
    }

    /// What every path without a script answers, instead of `51`.
    pub fn otherwise(mut self, answer: Answer) -> Self {
        self.otherwise = Some(Script::new(Act::Answer(answer)));
        self
    }

    /// The capsule without this path.
    pub fn without(mut self, path: &str) -> Self {
        self.paths.remove(path);
        self
    }

    fn then(mut self, path: &str, act: Act) -> Self {
        self.script(path).then = act;
        self
    }

    fn script(&mut self, path: &str) -> &mut Script {
        let not_found = || Script::new(Act::Answer(Answer::not_found()));
        self.paths.entry(path.to_owned()).or_insert_with(not_found)
    }

    /// What to do now with a request for this path, and after which delay; counts the request.
    pub(crate) fn act(&self, path: &str, path_and_query: &str) -> (Act, Duration) {
        let script = self.paths.get(path_and_query).or_else(|| self.paths.get(path));
        let Some(script) = script.or(self.otherwise.as_ref()) else {
            return (Act::Answer(Answer::not_found()), Duration::ZERO);
        };
        let before = self.count(path_and_query);
        let first = usize::try_from(before).ok().and_then(|before| script.first.get(before));
        let act = match (first, &script.then) {
            (Some(first), _) => Act::Answer(first.clone()),
            (None, Act::Compute(compute)) => Act::Answer(compute(before)),
            (None, act @ (Act::Answer(_) | Act::Misanswer(_))) => act.clone(),
        };
        (act, script.delay)
    }

    fn count(&self, path_and_query: &str) -> u64 {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let count = asked.entry(path_and_query.to_owned()).or_default();
        let before = *count;
        *count += 1;
        before
    }
}
