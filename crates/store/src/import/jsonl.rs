//! JSON Lines: an object a line, either a fact, an alias of an entity, or one of a predicate.
//!
//! ```json
//! {"subject": "Ada", "predicate": "office", "object": "mayor", "start": "1990", "end": "1994-05"}
//! {"entity": "Ada", "alias": "Countess"}
//! {"predicate": "office", "alias": "held office"}
//! ```

use std::borrow::Cow;

use serde::Deserialize;

use super::{LineError, name, validity};
use crate::builder::{Added, Builder};

/// Every key that a line may have; another one is an error, for it may be a misspelt one of these.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Line<'a> {
    #[serde(borrow)]
    subject: Option<Cow<'a, str>>,
    #[serde(borrow)]
    predicate: Option<Cow<'a, str>>,
    #[serde(borrow)]
    object: Option<Cow<'a, str>>,
    #[serde(borrow)]
    start: Option<Cow<'a, str>>,
    #[serde(borrow)]
    end: Option<Cow<'a, str>>,
    #[serde(borrow)]
    entity: Option<Cow<'a, str>>,
    #[serde(borrow)]
    alias: Option<Cow<'a, str>>,
}

pub(super) fn line(text: &str, builder: &mut Builder) -> Result<Added, LineError> {
    let Line { subject, predicate, object, start, end, entity, alias } =
        serde_json::from_str(text).map_err(LineError::Json)?;
    match (subject, predicate, object, entity, alias) {
        (Some(subject), Some(predicate), Some(object), None, None) => {
            let validity = validity(start.as_deref().unwrap_or(""), end.as_deref().unwrap_or(""))?;
            let parts =
                [name("subject", &subject)?, name("predicate", &predicate)?, name("object", &object)?];
            Ok(builder.add_fact(parts.each_ref().map(AsRef::as_ref), validity)?)
        }
        (None, None, None, Some(entity), Some(alias)) if start.is_none() && end.is_none() => {
            Ok(builder.add_entity_alias(&name("entity", &entity)?, &name("alias", &alias)?)?)
        }
        (None, Some(predicate), None, None, Some(alias)) if start.is_none() && end.is_none() => {
            Ok(builder.add_predicate_alias(&name("predicate", &predicate)?, &name("alias", &alias)?)?)
        }
        _ => Err(LineError::Keys),
    }
}
