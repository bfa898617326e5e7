//! A word from the middle of a sentence finds its page, in whatever language it is written.

use crate::library::{Library, page, page_in};

/// Language, sentence, and ways to ask for it.
const SENTENCES: [(&str, &str, &[&str]); 13] = [
    (
        "en",
        "We wandered among the ancient lighthouses until nightfall",
        &["lighthouses", "lighthouse", "LIGHTHOUSE"],
    ),
    (
        "de",
        "Am Abend öffneten die Häuser ihre schweren Türen",
        &["Häuser", "häuser", "hauser", "Haus", "Türen"],
    ),
    (
        "fr",
        "Le soir, l’étoile brillait sur les vieux cafés du port",
        &["étoile", "etoile", "cafés", "café", "cafe"],
    ),
    (
        "es",
        "La niña caminaba despacio por las montañas nevadas",
        &["montañas", "montaña", "montanas", "niña"],
    ),
    ("ru", "Вечером старые корабли возвращались в гавань", &["корабли", "кораблями", "гавань"]),
    ("el", "Το βράδυ τα παλιά καράβια γύριζαν στο λιμάνι", &["καράβια", "καραβια", "λιμάνι", "ΛΙΜΆΝΙ"]),
    ("ja", "吾輩は猫である。名前はまだ無い。", &["猫", "名前", "猫である"]),
    ("zh", "今天下午我们在图书馆里读了一本旧书", &["图书馆", "旧书", "我们在"]),
    ("th", "เมื่อวานนี้เราเดินเล่นในสวนสาธารณะ", &["เดินเล่น", "สวนสาธารณะ"]),
    ("hi", "कल शाम हम पुराने पुस्तकालय में किताबें पढ़ रहे थे", &["पुस्तकालय", "किताबें"]),
    ("ar", "في المساء عادت السفن القديمة إلى الميناء", &["السفن", "الميناء", "ميناء"]),
    ("ko", "어제 우리는 오래된 도서관에서 책을 읽었다", &["도서관", "책을"]),
    ("pl", "Wieczorem stare statki wracały do portu w Gdańsku", &["statki", "Gdańsku", "gdansku"]),
];

fn pages() -> Vec<shared::index::document::Document> {
    SENTENCES
        .iter()
        .map(|(language, sentence, _)| page_in(language, &format!("{language}.example/"), language, sentence))
        .collect()
}

#[tokio::test]
async fn a_word_from_the_middle_of_a_sentence_finds_its_page() {
    let library = Library::of(pages());
    for (language, _, queries) in SENTENCES {
        for query in queries {
            let found = library.ask(query).await;
            let urls = found.hits.iter().map(|hit| hit.url.to_string()).collect::<Vec<_>>();
            assert_eq!(urls, [format!("gemini://{language}.example/")], "{query}");
            let quoted = format!("\"{query}\"");
            if *query == queries[0] {
                assert_eq!(library.urls(&quoted).await.len(), 1, "{quoted}");
            }
        }
    }
}

#[tokio::test]
async fn a_page_whose_language_is_unknown_or_guessed_wrong_is_found_by_its_words() {
    let library = Library::of(SENTENCES.iter().enumerate().map(|(number, (_, sentence, _))| {
        let wrong = ["da", "fi", "la", "uk"][number % 4];
        page_in(wrong, &format!("h{number}.example/"), "", sentence)
    }));
    for (number, (_, _, queries)) in SENTENCES.into_iter().enumerate() {
        let found = library.urls(queries[0]).await;
        assert!(found.contains(&format!("h{number}.example/")), "{}: {found:?}", queries[0]);
    }
}

#[tokio::test]
async fn the_typed_accents_come_first() {
    let library = Library::of([
        page_in("fr", "bare.example/", "", "un pecheur au bord de la mer"),
        page_in("fr", "accented.example/", "", "un pécheur au bord de la mer"),
    ]);
    assert_eq!(library.urls("pécheur").await, ["accented.example/", "bare.example/"]);
    assert_eq!(library.urls("pecheur").await, ["bare.example/", "accented.example/"]);
}

#[tokio::test]
async fn compounds_are_found_by_their_parts_and_their_whole() {
    let library = Library::of([
        page("a.example/", "", "An e-mail client called GeminiMailer for everyone here"),
        page("b.example/", "", "Programs in C++ and in Python3 are listed on this page"),
    ]);
    for query in ["email", "e-mail", "mail", "geminimailer", "GeminiMailer", "gemini mailer", "Mailer"] {
        assert_eq!(library.urls(query).await, ["a.example/"], "{query}");
    }
    for query in ["c++", "C++ programs", "python", "python3"] {
        assert_eq!(library.urls(query).await, ["b.example/"], "{query}");
    }
}
