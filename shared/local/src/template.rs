//! What the SAM templates declare: which path, queue or schedule starts which function. They are the one source of it, so
//! that what runs here is what is deployed.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use app::{Function, Trigger};
use ports::{Error, MAX_BATCH, Result};
use saphyr::{LoadableYamlNode, Yaml};

/// `commonweal-${Environment}-`: what every deployed name starts with.
const PREFIX: &str = "commonweal-${Environment}-";

/// All templates together.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Template {
    pub routes: Vec<Route>,
    /// Who reads each queue, and how.
    pub queues: BTreeMap<String, Reader>,
    pub schedules: Vec<Schedule>,
    /// Every function declared.
    pub functions: Vec<String>,
}

/// A path of API Gateway, any method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// `/voting/register/{proxy+}`.
    pub pattern: String,
    pub function: String,
}

/// The event source of a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    pub function: String,
    /// Messages of one event (`BatchSize`): 1 to [`MAX_BATCH`].
    pub batch: usize,
    /// Events that may be worked on at a time (`MaximumConcurrency`); `None` where the template sets no bound.
    pub concurrency: Option<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    pub expression: String,
    pub function: String,
}

impl Template {
    /// Reads `functions/*/template.yaml` below this folder.
    ///
    /// # Errors
    /// `Internal`, naming the file, where one cannot be read or an event is of a kind that nothing here can play.
    pub fn read(root: &Path) -> Result<Self> {
        let mut files: Vec<PathBuf> = std::fs::read_dir(root.join("functions"))
            .map_err(Error::internal)?
            .filter_map(|entry| Some(entry.ok()?.path().join("template.yaml")))
            .filter(|path| path.is_file())
            .collect();
        files.sort();
        let mut template = Self::default();
        for file in files {
            let text = std::fs::read_to_string(&file).map_err(Error::internal)?;
            template
                .add(&text)
                .map_err(|what| Error::internal(format!("{}: {what}", file.display())))?;
        }
        Ok(template)
    }

    fn add(&mut self, text: &str) -> Result<(), String> {
        let documents = Yaml::load_from_str(text).map_err(|error| error.to_string())?;
        let resources = documents
            .first()
            .and_then(|document| document.as_mapping_get("Resources"))
            .ok_or("no Resources")?;
        for (name, resource) in entries(resources) {
            if text_of(resource.as_mapping_get("Type")) != Some("AWS::Serverless::Function") {
                continue;
            }
            let properties = resource
                .as_mapping_get("Properties")
                .ok_or("a function without Properties")?;
            let function = deployed_name(properties.as_mapping_get("FunctionName"))
                .ok_or_else(|| format!("{name}: its FunctionName does not start with {PREFIX}"))?;
            self.functions.push(function.to_owned());
            let Some(events) = properties.as_mapping_get("Events") else {
                continue;
            };
            for (event, declared) in entries(events) {
                self.event(function, declared, resources)
                    .map_err(|what| format!("{name}.{event}: {what}"))?;
            }
        }
        Ok(())
    }

    fn event(&mut self, function: &str, event: &Yaml<'_>, resources: &Yaml<'_>) -> Result<(), String> {
        let properties = event.as_mapping_get("Properties").ok_or("no Properties")?;
        let function = function.to_owned();
        match text_of(event.as_mapping_get("Type")) {
            Some("HttpApi") => {
                let pattern = text_of(properties.as_mapping_get("Path"))
                    .ok_or("no Path")?
                    .to_owned();
                self.routes.push(Route { pattern, function });
            }
            Some("SQS") => {
                // `!GetAtt VotingFileLinkQueue.Arn`
                let resource = text_of(properties.as_mapping_get("Queue"))
                    .and_then(|queue| queue.strip_suffix(".Arn"))
                    .ok_or("its Queue is not !GetAtt … .Arn")?;
                let queue = resources
                    .as_mapping_get(resource)
                    .and_then(|queue| queue.as_mapping_get("Properties"))
                    .and_then(|queue| deployed_name(queue.as_mapping_get("QueueName")))
                    .ok_or("its Queue is not in the template")?;
                let batch = count_of(properties.as_mapping_get("BatchSize"))?.unwrap_or(MAX_BATCH);
                let scaling = properties.as_mapping_get("ScalingConfig");
                let reader = Reader {
                    function,
                    batch: batch.min(MAX_BATCH),
                    concurrency: count_of(
                        scaling.and_then(|scaling| scaling.as_mapping_get("MaximumConcurrency")),
                    )?,
                };
                self.queues.insert(queue.to_owned(), reader);
            }
            Some("Schedule") => {
                let expression = text_of(properties.as_mapping_get("Schedule"))
                    .ok_or("no Schedule")?
                    .to_owned();
                self.schedules.push(Schedule { expression, function });
            }
            other => return Err(format!("an event of type {other:?} cannot be played here")),
        }
        Ok(())
    }

    /// The route of a path: the longest of those that fit, a path itself before what lies below another.
    pub fn route(&self, path: &str) -> Option<&Route> {
        let path = match path.trim_end_matches('/') {
            "" => "/",
            trimmed => trimmed,
        };
        self.routes
            .iter()
            .filter(|route| match route.pattern.strip_suffix("/{proxy+}") {
                Some(above) => path
                    .strip_prefix(above)
                    .and_then(|below| below.strip_prefix('/'))
                    .is_some_and(|below| !below.is_empty()),
                None => route.pattern == path,
            })
            .max_by_key(|route| (!route.pattern.ends_with("{proxy+}"), route.pattern.len()))
    }
}

/// Where the templates and the code disagree, in words; empty where they agree.
pub fn mismatches(template: &Template, functions: &[Function]) -> Vec<String> {
    let mut found = Vec::new();
    for name in &template.functions {
        if !functions.iter().any(|function| function.name == name) {
            found.push(format!("{name} is in the template, but not in FUNCTIONS"));
        }
    }
    for function in functions {
        let name = function.name;
        if !template.functions.iter().any(|known| known == name) {
            found.push(format!("{name} is in FUNCTIONS, but not in the template"));
            continue;
        }
        let declared: Vec<&str> = template
            .routes
            .iter()
            .filter(|route| route.function == name)
            .map(|route| route.pattern.as_str())
            .collect();
        match function.trigger {
            Trigger::Http { paths, .. } => {
                for path in paths {
                    if !declared.contains(path) {
                        found.push(format!(
                            "{name} serves {path}, which its template does not route to it"
                        ));
                    }
                }
                for pattern in declared {
                    let path = match pattern.strip_suffix("/{proxy+}").unwrap_or(pattern) {
                        "" => "/",
                        path => path,
                    };
                    if !paths.contains(&path) {
                        found.push(format!(
                            "the template routes {pattern} to {name}, which does not serve it"
                        ));
                    }
                }
            }
            Trigger::Queue { .. } => {
                if template
                    .queues
                    .get(name)
                    .is_none_or(|reader| reader.function != name)
                {
                    found.push(format!(
                        "{name} does not read the queue of its name in the template"
                    ));
                }
            }
            Trigger::Schedule { expression, .. } => {
                if !template
                    .schedules
                    .iter()
                    .any(|schedule| schedule.function == name && schedule.expression == expression)
                {
                    found.push(format!(
                        "{name} runs at {expression}, which its template does not say"
                    ));
                }
            }
            Trigger::Operation { .. } => {}
        }
    }
    found
}

/// A scalar's text, whatever function it is tagged with (`!Sub`, `!Ref`, `!GetAtt`).
fn text_of<'a>(node: Option<&'a Yaml<'_>>) -> Option<&'a str> {
    match node? {
        Yaml::Tagged(_, inner) => inner.as_str(),
        plain => plain.as_str(),
    }
}

/// A number of one or more, where there is one.
fn count_of(node: Option<&Yaml<'_>>) -> Result<Option<usize>, String> {
    let Some(node) = node else { return Ok(None) };
    node.as_integer()
        .and_then(|number| usize::try_from(number).ok())
        .filter(|number| *number > 0)
        .map(Some)
        .ok_or_else(|| format!("{node:?} is no number of messages or batches"))
}

fn deployed_name<'a>(node: Option<&'a Yaml<'_>>) -> Option<&'a str> {
    text_of(node)?.strip_prefix(PREFIX)
}

fn entries<'a, 'y>(node: &'a Yaml<'y>) -> impl Iterator<Item = (&'a str, &'a Yaml<'y>)> {
    node.as_mapping()
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.as_str()?, value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "
Resources:
  Page:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: !Sub commonweal-${Environment}-voting-page
      Events:
        At: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: ANY, Path: /voting/page } }
        Below: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: ANY, Path: '/voting/page/{proxy+}' } }
        Deeper: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: ANY, Path: '/voting/page/x/{proxy+}' } }
        Clock: { Type: Schedule, Properties: { Schedule: 'cron(45 0,12 * * ? *)' } }
        Work: { Type: SQS, Properties: { Queue: !GetAtt PageQueue.Arn } }
  PageQueue:
    Type: AWS::SQS::Queue
    Properties: { QueueName: !Sub 'commonweal-${Environment}-voting-page' }
";

    #[test]
    fn declared_events_are_read() {
        let mut template = Template::default();
        template.add(TEXT).unwrap();
        assert_eq!(template.functions, ["voting-page"]);
        let reader = |batch, concurrency| Reader {
            function: "voting-page".to_owned(),
            batch,
            concurrency,
        };
        assert_eq!(template.queues["voting-page"], reader(10, None));
        let bounded = "PageQueue.Arn, BatchSize: 1, ScalingConfig: { MaximumConcurrency: 3 }";
        template.add(&TEXT.replace("PageQueue.Arn", bounded)).unwrap();
        assert_eq!(template.queues["voting-page"], reader(1, Some(3)));
        let nonsense = TEXT.replace("PageQueue.Arn", "PageQueue.Arn, BatchSize: 0");
        assert!(Template::default().add(&nonsense).is_err());
        let mut template = Template::default();
        template.add(TEXT).unwrap();
        assert_eq!(template.schedules[0].expression, "cron(45 0,12 * * ? *)");
        let pattern = |path| template.route(path).map(|route| route.pattern.as_str());
        assert_eq!(pattern("/voting/page"), Some("/voting/page"));
        assert_eq!(pattern("/voting/page/"), Some("/voting/page"));
        assert_eq!(pattern("/voting/page/a/b"), Some("/voting/page/{proxy+}"));
        assert_eq!(pattern("/voting/page/x/b"), Some("/voting/page/x/{proxy+}"));
        assert_eq!(pattern("/voting/pages"), None);
        assert_eq!(pattern("/"), None);
        template
            .add(&TEXT.replace("/voting/page/x/{proxy+}", "/{proxy+}"))
            .unwrap();
        let pattern = |path| template.route(path).map(|route| route.pattern.as_str());
        assert_eq!(pattern("/voting/pages"), Some("/{proxy+}"));
        assert_eq!(pattern("/voting/page"), Some("/voting/page"));
    }

    #[test]
    fn unknown_kinds_are_refused() {
        let text = TEXT.replace("Type: SQS", "Type: Kinesis");
        let error = Template::default().add(&text).unwrap_err();
        assert!(error.contains("Page.Work"), "{error}");
    }

    #[test]
    fn the_projects_own_templates_are_read() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let template = Template::read(&root).unwrap();
        assert!(
            template
                .route("/")
                .is_some_and(|route| route.function == "platform-home")
        );
        assert!(!template.queues.is_empty() && !template.schedules.is_empty());
        for (queue, reader) in &template.queues {
            assert_eq!(
                *queue, reader.function,
                "a queue has the name of the function that reads it"
            );
        }
    }
}
