//! Whether a JSON value is as a schema says, for the few words of JSON Schema that our description uses; any other word
//! in it is an error, so that nothing is described and not checked.

use serde_json::Value;

/// What is wrong with a value; each with its place.
pub(crate) fn errors(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    look(document, schema, value, "$", &mut found);
    found
}

fn look(document: &Value, schema: &Value, value: &Value, place: &str, found: &mut Vec<String>) {
    for (word, wanted) in schema.as_object().expect("a schema") {
        let fits = match word.as_str() {
            "$ref" => {
                let pointer = wanted.as_str().unwrap().trim_start_matches('#');
                look(
                    document,
                    document.pointer(pointer).expect("a schema by that name"),
                    value,
                    place,
                    found,
                );
                true
            }
            "type" => match wanted {
                Value::Array(types) => types.iter().any(|wanted| is_a(value, wanted)),
                wanted => is_a(value, wanted),
            },
            "enum" => wanted.as_array().unwrap().contains(value),
            "minimum" => value.as_f64().is_none_or(|number| number >= wanted.as_f64().unwrap()),
            "maxItems" => value.as_array().is_none_or(|items| items.len() as u64 <= wanted.as_u64().unwrap()),
            "required" => {
                wanted.as_array().unwrap().iter().all(|name| value.get(name.as_str().unwrap()).is_some())
            }
            "additionalProperties" => {
                let known = schema["properties"].as_object().unwrap();
                value.as_object().unwrap().keys().all(|name| known.contains_key(name))
            }
            "properties" => {
                for (name, schema) in wanted.as_object().unwrap() {
                    if let Some(value) = value.get(name) {
                        look(document, schema, value, &format!("{place}.{name}"), found);
                    }
                }
                true
            }
            "items" => {
                for (number, value) in value.as_array().into_iter().flatten().enumerate() {
                    look(document, wanted, value, &format!("{place}[{number}]"), found);
                }
                true
            }
            "format" => match (wanted.as_str().unwrap(), value.as_str()) {
                ("uri", Some(text)) => text.starts_with("gemini://"),
                ("date-time", Some(text)) => text.len() == 20 && text.ends_with('Z'),
                (_, None) => true,
                (other, Some(_)) => panic!("a format that is not checked: {other}"),
            },
            "description" => true,
            other => panic!("a word of schemas that is not checked: {other}"),
        };
        if !fits {
            found.push(format!("{place}: {word} {wanted}, not {value}"));
        }
    }
}

fn is_a(value: &Value, wanted: &Value) -> bool {
    match wanted.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        other => panic!("{other} is no type"),
    }
}
