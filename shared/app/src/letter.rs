//! Mails: plain text and HTML of the same content.
//!
//! A mail is a list of [`Block`]s, and two templates (`templates/letter.txt`, `templates/letter.html`) write any such list. Both
//! languages of a sentence stand side by side, so that none is forgotten.

use askama::Template;
use domain::person::Language;
use ports::{Address, Error, Mail, Result};

use crate::{Settings, page::pick};

/// Whose mail it is.
#[derive(Debug, Clone, Copy)]
pub struct Sender<'a> {
    pub tenant: &'a str,
    pub is_first_party: bool,
}

/// To whom, in which language, on whose behalf.
pub struct Letter<'a> {
    /// Names the effect: see [`Mail::id`].
    pub id: String,
    pub to: &'a str,
    pub first_name: &'a str,
    pub language: Language,
    pub sender: Sender<'a>,
    pub settings: &'a Settings,
}

/// A part of a mail's body.
pub enum Block {
    Paragraph(String),
    /// What the reader should do: a link that looks like a button, and its address in full.
    Action {
        label: String,
        url: String,
    },
    /// Lines that belong together, such as an address.
    Lines(Vec<String>),
    /// A text with marks of its own, in both forms. The HTML must be safe.
    Rich {
        html: String,
        text: String,
    },
}

#[derive(Template)]
#[template(path = "letter.html")]
struct HtmlLetter<'a> {
    language: &'a str,
    subject: &'a str,
    greeting: &'a str,
    blocks: &'a [Block],
    closing: &'a str,
}

#[derive(Template)]
#[template(path = "letter.txt", escape = "none")]
struct TextLetter<'a> {
    greeting: &'a str,
    blocks: &'a [Block],
    closing: &'a str,
}

impl Letter<'_> {
    pub fn t<'a>(&self, english: &'a str, spanish: &'a str) -> &'a str {
        pick(self.language, english, spanish)
    }

    pub fn paragraph(&self, english: &str, spanish: &str) -> Block {
        Block::Paragraph(self.t(english, spanish).to_owned())
    }

    pub fn action(&self, english: &str, spanish: &str, url: &str) -> Block {
        Block::Action {
            label: self.t(english, spanish).to_owned(),
            url: url.to_owned(),
        }
    }

    /// Third parties write "via" the house, from the house's address.
    fn from(&self) -> Address {
        let house = &self.settings.mail_from;
        let house_name = house.name.as_deref().unwrap_or("Commonweal");
        let name = match self.sender.is_first_party {
            true => house_name.to_owned(),
            false => format!("{} via {house_name}", self.sender.tenant),
        };
        let name = name
            .chars()
            .filter(|c| !c.is_control() && !matches!(c, '"' | '<' | '>'))
            .collect();
        Address {
            name: Some(name),
            email: house.email.clone(),
        }
    }

    /// The mail; `closing` says why the reader gets it.
    ///
    /// # Errors
    /// `Internal` where a template fails.
    pub fn mail(&self, subject: &str, blocks: &[Block], closing: &str) -> Result<Mail> {
        let name = self.first_name.trim();
        let hello = self.t("Hello", "Hola");
        let greeting = if name.is_empty() {
            format!("{hello},")
        } else {
            format!("{hello} {name},")
        };
        let html = HtmlLetter {
            language: self.language.as_str(),
            subject,
            greeting: &greeting,
            blocks,
            closing,
        };
        let text = TextLetter {
            greeting: &greeting,
            blocks,
            closing,
        };
        Ok(Mail {
            id: self.id.clone(),
            from: self.from(),
            to: Address {
                name: None,
                email: self.to.to_owned(),
            },
            reply_to: Vec::new(),
            subject: subject.to_owned(),
            text: text.render().map_err(Error::internal)?,
            html: html.render().map_err(Error::internal)?,
            attachments: Vec::new(),
            unsubscribe: None,
        })
    }
}
