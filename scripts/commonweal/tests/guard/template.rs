//! A service's template as plain values: `!GetAtt X.Arn` is `{"Fn::GetAtt": "X.Arn"}`.

use app::Function;
use saphyr::{LoadableYamlNode, Yaml};
use serde_json::{Map, Value, json};

use crate::{read, root};

pub(crate) struct Service {
    pub(crate) globals: Value,
    pub(crate) resources: Value,
}

impl Service {
    pub(crate) fn of(service: &str) -> Self {
        let text = read(&root().join("functions").join(service).join("template.yaml"));
        let documents = Yaml::load_from_str(&text).unwrap();
        let template = plain(&documents[0]);
        Self {
            globals: template["Globals"]["Function"].clone(),
            resources: template["Resources"].clone(),
        }
    }

    /// The properties of a function's resource, which has its name in camel case.
    pub(crate) fn function(&self, function: &Function) -> &Value {
        &self.resources[&camel(function.name)]["Properties"]
    }
}

/// `voting-file-link` is the resource `VotingFileLink`.
pub(crate) fn camel(name: &str) -> String {
    name.split('-')
        .map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_uppercase() + rest
        })
        .collect()
}

fn plain(node: &Yaml<'_>) -> Value {
    match node {
        Yaml::Tagged(tag, inner) => {
            let name = match tag.suffix.as_str() {
                "Ref" | "Condition" => tag.suffix.clone(),
                other => format!("Fn::{other}"),
            };
            json!({ name: plain(inner) })
        }
        Yaml::Sequence(items) => items.iter().map(plain).collect(),
        Yaml::Mapping(entries) => Value::Object(
            entries
                .iter()
                .map(|(key, value)| (key.as_str().unwrap_or_default().to_owned(), plain(value)))
                .collect::<Map<_, _>>(),
        ),
        scalar => match (scalar.as_str(), scalar.as_integer(), scalar.as_bool()) {
            (Some(text), ..) => json!(text),
            (_, Some(number), _) => json!(number),
            (.., Some(truth)) => json!(truth),
            _ => Value::Null,
        },
    }
}
