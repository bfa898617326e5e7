use super::*;

fn check(block: &str, alt: &str, expected: Block) {
    let lines: Vec<&str> = block.lines().collect();
    let alt = (!alt.is_empty()).then_some(alt);
    assert_eq!(judge(&lines, alt), expected, "{alt:?}\n{block}");
}

#[test]
fn pictures_are_art() {
    check(" /\\_/\\  =^.^= \n( o.o ) > ^ <\n", "", Block::Art);
    check("⣿⣿⣿⠟⢹⣶⣶⣝⣿\n⣿⣿⡟⢰⡌⠿⢿⣿⡾\n", "", Block::Art);
    check("████╗ ██╗\n██╔═╝ ██║\n█████╗██║\n", "", Block::Art);
    check("┌──────────────┐\n│    hello     │\n└──────────────┘\n", "", Block::Art);
    check(
        "  __ _  ___ _ __ ___ \n / _` |/ _ \\ '_ ` _ \\\n| (_| |  __/ | | | | |\n \\__, |\\___|_| |_| |_|\n",
        "",
        Block::Art,
    );
    let lettering = "888888b.   .d88b.\n888  \"88b d88\"\"88b\n888  888 888  888\n888 d88P Y88..88P\n88888P\"   \"Y88P\"\n";
    check(lettering, "", Block::Art);
    check(" ___________\n< moo moo moo >\n -----------\n   \\  ^__^\n    \\ (oo)\\___\n", "", Block::Art);
    check("XXXXXXX   XXXX\nXX   XX   XX\nXXXXXXX   XXXX\n", "", Block::Art);
}

#[test]
fn what_its_author_calls_it_counts() {
    let flag = "wwwwwww rrrrrrr\nwwwwbbb rrrrrrr\nto the moon and back\n";
    check(flag, "ASCII art of a flag", Block::Art);
    check(flag, "", Block::Code);
    check("#!/bin/sh\n$@ | $(( )) && { :; } || ! [[ ]]\n", "sh", Block::Code);
    check("All these are words, and they make a sentence that is long.\n", "ascii art", Block::Code);
}

#[test]
fn code_and_tables_are_read() {
    check("fn main() { run(); }\n", "", Block::Code);
    check("if (a[i] != NULL) {\n    free(a[i]);\n}\n", "", Block::Code);
    check("$ ls -la | grep foo\n$ cat /etc/passwd\n", "", Block::Code);
    check("00000000: 7f45 4c46 0201 0100\n00000010: 0300 3e00 0100 0000\n", "", Block::Code);
    check("| Name | Age |\n|------|-----|\n| Ann  | 42  |\n| Bob  | 41  |\n", "", Block::Table);
    check(
        "┌──────┬─────┐\n│ Name │ Age │\n├──────┼─────┤\n│ Anna │ 42  │\n└──────┴─────┘\n",
        "",
        Block::Table,
    );
    check("Roses are red,\n  violets are blue,\n", "a poem", Block::Code);
    check("日本語の文章です。今日は天気がいい。\n", "", Block::Code);
    check("2021 12.5 13.2\n2022 11.9 12.0\n2023 13.1 14.8\n", "", Block::Code);
    check("/\\", "", Block::Code);
    check("", "", Block::Code);
}

#[test]
fn an_alt_text_that_names_a_language_says_nothing() {
    for alt in ["bash", "Rust", " c++ "] {
        assert!(names_code(alt), "{alt}");
    }
    assert!(!names_code("a cat") && !names_code("bash the bear"));
}
