//! The host: every function of the templates in one process, behind one address.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use app::{Context, Function, HttpService, Need, Trigger};
use axum::{Router, routing::get};
use ports::{Clock, Error, Result};
use tokio::{net::TcpListener, task::JoinSet};

use crate::{
    Template, Twins, court_site::CourtSite, cron::Expression, gateway, openid_provider::OpenIdProvider,
    pages, static_files, workers::Workers,
};

/// How long requests in flight may take to end once the host is told to.
const GRACE: Duration = Duration::from_secs(5);

/// A function with what it was given.
pub(crate) struct Installed {
    pub(crate) function: Function,
    pub(crate) cx: Context,
    /// Of queue functions: the contexts beside `cx` in which further batches are worked on at the same time.
    pub(crate) more: Vec<Context>,
    /// Of HTTP functions.
    pub(crate) service: Option<HttpService>,
}

pub struct Host {
    pub(crate) twins: Twins,
    pub(crate) template: Template,
    pub(crate) functions: BTreeMap<&'static str, Installed>,
    pub(crate) schedules: Vec<(Expression, String)>,
    pub(crate) workers: Workers,
    /// The checkout: static files lie in it.
    pub(crate) root: PathBuf,
    pub(crate) court: CourtSite,
    pub(crate) openid: OpenIdProvider,
}

/// The cores that this process may use.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Batches of a queue that are worked on at a time: as many as its template allows, but not more than there are cores, for
/// each has its own connection and memory; two all the same, so that one works while the other waits for the database. One of
/// what reads no queue.
fn lanes(template: &Template, function: &str, cores: usize) -> usize {
    let most = cores.max(2);
    template
        .queues
        .get(function)
        .map_or(1, |reader| reader.concurrency.unwrap_or(most).min(most))
}

impl Host {
    /// Gives each function its context. Secrets that they need and that have no value yet get a random one.
    ///
    /// # Errors
    /// `Internal` where a schedule cannot be read or a need cannot be met here.
    pub async fn new(
        twins: Twins,
        template: Template,
        functions: &[Function],
        root: PathBuf,
    ) -> Result<Self> {
        let secrets = functions
            .iter()
            .flat_map(|function| function.needs)
            .filter_map(|need| match need {
                Need::Secret(name) => Some(*name),
                _ => None,
            });
        // Written before what is missing gets a random value: these two are lists.
        twins.offer_providers().await?;
        // The provider's twin checks this one, whoever asks.
        twins.secrets.generate(secrets.chain(["voter-file/api-key"]))?;
        twins.key_value.sweep().await?;
        let mut installed = BTreeMap::new();
        for function in functions {
            let cx = twins.context(function)?;
            let service =
                matches!(function.trigger, Trigger::Http { .. }).then(|| app::router(function, cx.clone()));
            let more = (1..lanes(&template, function.name, cores()))
                .map(|_| twins.context(function))
                .collect::<Result<_>>()?;
            let function = *function;
            installed.insert(
                function.name,
                Installed {
                    function,
                    cx,
                    more,
                    service,
                },
            );
        }
        let schedules = template
            .schedules
            .iter()
            .map(|schedule| {
                Ok((
                    Expression::parse(&schedule.expression)?,
                    schedule.function.clone(),
                ))
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            workers: Workers::new(twins.clock.now()),
            twins,
            template,
            functions: installed,
            schedules,
            root,
            court: CourtSite::default(),
            openid: OpenIdProvider::new()?,
        })
    }

    /// Lets the court site's twin show recorded pages, too: JSON lines, plain or gzipped.
    ///
    /// # Errors
    /// `Internal` where the file cannot be read.
    pub fn with_court_pages(mut self, file: &Path) -> Result<Self> {
        self.court = CourtSite::with_pages(file)?;
        Ok(self)
    }

    pub(crate) fn installed(&self, name: &str) -> Option<&Installed> {
        self.functions.get(name)
    }
}

/// Serves until `stop` ends, then lets requests in flight finish for a few seconds.
///
/// # Errors
/// `Internal` where the listener fails.
pub async fn serve(
    host: Host,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let host = Arc::new(host);
    let router = Router::new()
        .route("/static/{*path}", get(static_files::serve))
        .fallback(gateway::answer)
        .with_state(Arc::clone(&host))
        .merge(pages::routes(&host));
    let mut background = JoinSet::new();
    background.spawn(Arc::clone(&host).work_off());
    background.spawn(host.keep_time());

    let (told, heard) = tokio::sync::oneshot::channel::<()>();
    let server = axum::serve(listener, router).with_graceful_shutdown(async move {
        stop.await;
        let _ = told.send(());
    });
    let overdue = async {
        // The sender is dropped only when the server has ended.
        if heard.await.is_err() {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(GRACE).await;
    };
    let ended = tokio::select! {
        ended = server.into_future() => ended.map_err(Error::internal),
        () = overdue => Ok(()),
    };
    background.shutdown().await;
    ended
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reader;

    #[test]
    fn a_queue_has_the_lanes_of_its_template_as_far_as_the_machine_goes() {
        let mut template = Template::default();
        for (queue, concurrency) in [("single", Some(1)), ("few", Some(3)), ("many", None)] {
            let reader = Reader {
                function: queue.to_owned(),
                batch: 10,
                concurrency,
            };
            template.queues.insert(queue.to_owned(), reader);
        }
        let on = |cores| ["single", "few", "many", "page"].map(|name| lanes(&template, name, cores));
        assert_eq!(on(1), [1, 2, 2, 1]);
        assert_eq!(on(2), [1, 2, 2, 1]);
        assert_eq!(on(8), [1, 3, 8, 1]);
    }
}
