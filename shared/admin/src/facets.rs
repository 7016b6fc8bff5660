//! Counts at the choices of a list's filters, where they are asked for (`?_facets=1`): how many rows the list would have with that
//! choice, everything else as it is. All by one statement, each bounded as the list's own count is.

use app::page::{grouped, pick};
use domain::person::Language;
use ports::{Kind as Trouble, Result};
use store::Tx;

use crate::{
    filter::{self, Place, Shown},
    list::Asked,
    model::Model,
    params::Params,
    reader::Reader,
    sql::{self, COUNTED},
};

/// Choices that are counted; of a list of more, the first.
const MOST: usize = 150;
/// Whether counts are asked for.
pub(crate) const PARAMETER: &str = "_facets";

pub(crate) fn are_asked(params: &Params) -> bool {
    params.get(PARAMETER) == Some("1")
}

/// The link that shows the counts or leaves them away, and what it says.
pub(crate) fn link(params: &Params, language: Language) -> (String, &'static str) {
    match are_asked(params) {
        true => (
            params.link(&[(PARAMETER, None), ("done", None)]),
            pick(language, "Hide counts", "Ocultar recuentos"),
        ),
        false => (
            params.link(&[(PARAMETER, Some("1")), ("done", None)]),
            pick(language, "Show counts", "Mostrar recuentos"),
        ),
    }
}

/// Writes the counts behind the labels of the choices; `false` where counting took too long. The transaction is of no more use then.
pub(crate) async fn count(
    model: &'static Model,
    reader: &Reader,
    tx: &mut Tx,
    filters: &mut [Shown],
    params: &Params,
    place: Place<'_>,
) -> Result<bool> {
    let mut labels: Vec<&mut String> = Vec::new();
    let mut conditions = Vec::new();
    for filter in filters {
        let name = filter.name;
        for (code, label) in &mut filter.choices {
            if filter::is_all(code) || labels.len() == MOST {
                continue;
            }
            let chosen = params.but(name, code);
            conditions.push(Asked::read(model, &chosen, place).conditions);
            labels.push(label);
        }
    }
    if labels.is_empty() {
        return Ok(true);
    }
    let rows = match tx
        .query(&sql::counts(model, reader.tenant_id(), &conditions))
        .await
    {
        Ok(rows) => rows,
        Err(error) if matches!(error.kind(), Trouble::Unavailable(_)) => {
            tracing::warn!(cause = error.cause(), "the counts of filters took too long");
            return Ok(false);
        }
        Err(error) => return Err(error),
    };
    for row in rows {
        let index = usize::try_from(row.get::<i32>("place")?).unwrap_or(usize::MAX);
        if let Some(label) = labels.get_mut(index) {
            label.push_str(&format!(" ({})", said(row.get("n")?)));
        }
    }
    Ok(true)
}

fn said(count: i64) -> String {
    match count <= COUNTED {
        true => grouped(count),
        false => format!("{}+", grouped(COUNTED)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_counted_to_its_end_says_so() {
        assert_eq!([0, 999, 1_000, 1_001].map(said), ["0", "999", "1,000", "1,000+"]);
    }
}
