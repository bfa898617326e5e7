use proptest::prelude::*;

use super::*;

fn check(text: &str, expected: &[&str]) {
    let found: Vec<String> = words(text).into_iter().map(|word| word.plain).collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn words_are_found_in_every_script() {
    check("The quick, brown fox; 3.14!", &["the", "quick", "brown", "fox", "3", "14"]);
    check("l’étoile d'Orion", &["l", "étoile", "d", "orion"]);
    check("Drew’s capsule isn't John's", &["drew", "capsule", "isn", "t", "john"]);
    check("C++, C# and F#; a# b+c", &["c++", "c#", "and", "f#", "a#", "b", "c"]);
    check("हिन्दी में लिखा", &["हिन्दी", "में", "लिखा"]);
    check("می‌خواهم", &["میخواهم"]);
    check("Привет, мир", &["привет", "мир"]);
    check("", &[]);
    check("--- *** ===", &[]);
}

#[test]
fn unspaced_runs_become_pairs() {
    check("猫が好き", &["猫が", "が好", "好き", "き"]);
    check("猫 dog", &["猫", "dog"]);
    check("RSSリーダー", &["rss", "リー", "ーダ", "ダー", "ー"]);
    check("สวัสดี", &["สวั", "วัส", "สดี", "ดี"]);
    check("고양이", &["고양", "양이", "이"]);
    check("ｶﾞｷﾞ", &["ガギ", "ギ"]);
}

#[test]
fn hyphens_join_and_capitals_part() {
    let found = words("An e-mail to GeminiSpace on 2020-09-21");
    assert_eq!(found[1].joined, Some(Joined { plain: "email".into(), words: 2 }));
    assert_eq!(found[4].parts, ["gemini", "space"]);
    assert_eq!(found[6].joined, None, "a date is no compound");
}

proptest! {
    #[test]
    fn any_text_is_cut_in_order_and_in_place(text in "\\PC{0,60}") {
        let mut before = 0;
        for word in words(&text) {
            prop_assert!(word.start >= before && word.end > word.start);
            prop_assert!(text.get(word.start..word.end).is_some());
            prop_assert!(!word.plain.is_empty());
            before = word.start;
        }
    }
}
