//! One Lambda function, as its service declares it.

use jiff::SignedDuration;
use ports::BoxFuture;
use serde_json::Value;
use store::Envelope;

use crate::{Context, OpenApiRouter, Outcome};

/// A Lambda function: the only description of it in code. Bins name one, templates are compared with it.
#[derive(Clone, Copy)]
pub struct Function {
    /// `<service>-<thing>`: the same in bin, template, event folder and logs.
    pub name: &'static str,
    pub trigger: Trigger,
    /// What it uses of the world: opened at start, granted in the template, nothing else.
    pub needs: &'static [Need],
    /// MB; the CPU share grows with it.
    pub memory: u16,
    /// Seconds. HTTP functions end before API Gateway gives up (30 s).
    pub timeout: u16,
}

/// What starts a function.
#[derive(Clone, Copy)]
pub enum Trigger {
    Http {
        /// The paths it owns: each path itself, and everything below it.
        paths: &'static [&'static str],
        access: Access,
        routes: fn() -> OpenApiRouter<Context>,
        /// Its pages may stand in a frame of any other site, where they are asked for with `?embed=true`. Only for pages that
        /// know nothing of who is looking: in a frame a click may be lured.
        embeddable: bool,
    },
    /// Messages of the queue that has the function's name.
    Queue {
        work: fn(Context, Envelope) -> BoxFuture<'static, ports::Result<Outcome>>,
    },
    Schedule {
        /// As EventBridge writes it, in UTC: `rate(1 minute)`, `cron(45 0,12 * * ? *)`.
        expression: &'static str,
        run: fn(Context) -> BoxFuture<'static, ports::Result<()>>,
    },
    /// Invoked by the deployment.
    Operation {
        run: fn(Context, Value) -> BoxFuture<'static, ports::Result<Value>>,
    },
}

/// Who may use an HTTP function: a decision that each must state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Public: reads public data, or takes what any voter may send.
    Anyone,
    /// Whoever knows an unguessable id or token of ours, which the handler checks.
    Bearer,
    /// A tenant's API key, by the extractor [`crate::ApiKey`]. Needs the database and the key-value store.
    ApiKey,
    /// Somebody who signed in, by the extractor [`crate::SignedIn`]. Needs the database and the key-value store.
    SignedIn,
    /// Somebody who signed in with a second factor and works for an organisation, by the extractor [`crate::Staff`]. Needs the
    /// database and the key-value store.
    Staff,
    /// Somebody who runs the installation, with a second factor, by the extractor [`crate::Operator`]. Needs the database and the
    /// key-value store.
    Operator,
}

/// Something a function needs. Each has its environment variables and its IAM statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Need {
    Database,
    /// The database as its owner: migrations only.
    DatabaseOwner,
    Files,
    /// May send to this queue.
    Queue(&'static str),
    /// May send to every queue: the outbox relay.
    AllQueues,
    Secret(&'static str),
    KeyValue,
    Mail,
    /// Calls providers outside of AWS, at the address in this variable.
    Internet(&'static str),
    /// Calls providers outside of AWS whose addresses a secret names, which an installation sets.
    ConfiguredProviders,
    /// May look at a deployment, invoke its new version and report on it: the smoke check.
    Deployment,
}

impl Function {
    pub const fn http(
        name: &'static str,
        paths: &'static [&'static str],
        access: Access,
        routes: fn() -> OpenApiRouter<Context>,
    ) -> Self {
        Self {
            name,
            trigger: Trigger::Http {
                paths,
                access,
                routes,
                embeddable: false,
            },
            needs: &[],
            memory: 256,
            timeout: 15,
        }
    }

    /// Write `work` as `work!(handler)`.
    pub const fn queue(
        name: &'static str,
        work: fn(Context, Envelope) -> BoxFuture<'static, ports::Result<Outcome>>,
    ) -> Self {
        Self {
            name,
            trigger: Trigger::Queue { work },
            needs: &[],
            memory: 256,
            timeout: 30,
        }
    }

    pub const fn schedule(
        name: &'static str,
        expression: &'static str,
        run: fn(Context) -> BoxFuture<'static, ports::Result<()>>,
    ) -> Self {
        Self {
            name,
            trigger: Trigger::Schedule { expression, run },
            needs: &[],
            memory: 256,
            timeout: 60,
        }
    }

    pub const fn operation(
        name: &'static str,
        run: fn(Context, Value) -> BoxFuture<'static, ports::Result<Value>>,
    ) -> Self {
        Self {
            name,
            trigger: Trigger::Operation { run },
            needs: &[],
            memory: 256,
            timeout: 300,
        }
    }

    #[must_use]
    pub const fn needs(mut self, needs: &'static [Need]) -> Self {
        self.needs = needs;
        self
    }

    /// Lets its pages stand in frames of other sites: see [`Trigger::Http`].
    #[must_use]
    pub const fn embeddable(mut self) -> Self {
        if let Trigger::Http {
            ref mut embeddable, ..
        } = self.trigger
        {
            *embeddable = true;
        }
        self
    }

    /// MB.
    #[must_use]
    pub const fn memory(mut self, memory: u16) -> Self {
        self.memory = memory;
        self
    }

    /// Seconds.
    #[must_use]
    pub const fn timeout(mut self, timeout: u16) -> Self {
        self.timeout = timeout;
        self
    }

    pub fn is_needed(&self, need: Need) -> bool {
        self.needs.contains(&need)
    }

    /// The service it belongs to: the first word of its name.
    pub fn service(&self) -> &'static str {
        self.name.split('-').next().unwrap_or(self.name)
    }

    /// How long a message stays hidden while it is worked on: six times the time-out, as AWS advises, so that a batch
    /// that runs into it is not delivered twice at once.
    pub fn visibility(&self) -> SignedDuration {
        SignedDuration::from_secs(i64::from(self.timeout) * 6)
    }
}
