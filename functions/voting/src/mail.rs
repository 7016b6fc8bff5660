//! The mails to voters, in English and Spanish.

use app::letter::Block;
pub use app::letter::{Letter, Sender};
use domain::person::Language;
use ports::{Mail, Result};
use pulldown_cmark::{Event, Parser, Tag, TagEnd, html::push_html};

fn finished(letter: &Letter<'_>, subject: &str, blocks: &[Block]) -> Result<Mail> {
    let closing = letter.t(
        "You get this e-mail because you used our voting tools. If it was not you, nothing needs to be done.",
        "Recibe este correo porque usó nuestras herramientas de votación. Si no fue usted, no tiene que hacer nada.",
    );
    letter.mail(subject, blocks, closing)
}

/// The form is filled: here is the link.
pub fn registration_ready(
    letter: &Letter<'_>,
    download_url: &str,
    deadline: &str,
    mail_to: &[String],
    warnings: &str,
    verify_url: Option<&str>,
) -> Result<Mail> {
    let opening = letter.paragraph(
        "Your voter registration form is filled in. It counts only when your election office has it: print it, sign it \
         and mail it.",
        "Su formulario de inscripción de votante está listo. Solo cuenta cuando lo tenga su oficina electoral: imprímalo, \
         fírmelo y envíelo por correo.",
    );
    let subject = letter.t(
        "Print and mail your voter registration form",
        "Imprima y envíe su formulario de inscripción",
    );
    about_form(
        letter,
        subject,
        opening,
        download_url,
        deadline,
        mail_to,
        warnings,
        verify_url,
    )
}

/// The next day: the form still waits.
pub fn registration_reminder(
    letter: &Letter<'_>,
    download_url: &str,
    deadline: &str,
    mail_to: &[String],
    warnings: &str,
    verify_url: Option<&str>,
) -> Result<Mail> {
    let opening = letter.paragraph(
        "Your voter registration form is waiting for you. You have not downloaded it yet, and you are not registered until \
         your election office has it on paper.",
        "Su formulario de inscripción de votante le espera. Todavía no lo ha descargado, y no estará inscrito hasta que su \
         oficina electoral lo tenga en papel.",
    );
    let subject = letter.t(
        "Your voter registration form is waiting",
        "Su formulario de inscripción le espera",
    );
    about_form(
        letter,
        subject,
        opening,
        download_url,
        deadline,
        mail_to,
        warnings,
        verify_url,
    )
}

#[expect(
    clippy::too_many_arguments,
    reason = "the two mails about a form differ in their first two words only"
)]
fn about_form(
    letter: &Letter<'_>,
    subject: &str,
    opening: Block,
    download_url: &str,
    deadline: &str,
    mail_to: &[String],
    warnings: &str,
    verify_url: Option<&str>,
) -> Result<Mail> {
    let mut blocks = vec![
        opening,
        letter.action("Download your form", "Descargar su formulario", download_url),
        Block::Paragraph(deadline.to_owned()),
    ];
    if !mail_to.is_empty() {
        blocks.push(letter.paragraph("Mail it to:", "Envíelo a:"));
        blocks.push(Block::Lines(mail_to.to_vec()));
    }
    if !warnings.trim().is_empty() {
        blocks.push(markdown(warnings));
    }
    if let Some(url) = verify_url {
        blocks.push(letter.paragraph(
            "A few weeks later you can check that you are on the list:",
            "Unas semanas después puede comprobar que está en la lista:",
        ));
        blocks.push(letter.action("Check your registration", "Comprobar su inscripción", url));
    }
    finished(letter, subject, &blocks)
}

/// A quarter of an hour after a start that was not finished.
pub fn unfinished(letter: &Letter<'_>, resume_url: &str) -> Result<Mail> {
    let blocks = [
        letter.paragraph(
            "You began to register to vote and are almost done. We kept what you filled in.",
            "Usted empezó a inscribirse para votar y casi ha terminado. Guardamos lo que llenó.",
        ),
        letter.action("Finish registering", "Terminar la inscripción", resume_url),
    ];
    finished(
        letter,
        letter.t("Finish registering to vote", "Termine de inscribirse para votar"),
        &blocks,
    )
}

/// A new link, asked for by the reader.
pub fn new_download_link(letter: &Letter<'_>, download_url: &str) -> Result<Mail> {
    let blocks = [
        letter.paragraph(
            "Here is the link to your form that you asked for.",
            "Aquí está el enlace a su formulario que pidió.",
        ),
        letter.action("Download your form", "Descargar su formulario", download_url),
    ];
    finished(
        letter,
        letter.t("Your new download link", "Su nuevo enlace de descarga"),
        &blocks,
    )
}

/// After the voter used the state's own site: what comes next.
pub fn registered_online(
    letter: &Letter<'_>,
    vbm_rules: Option<&str>,
    vbm_url: Option<&str>,
    early_voting: Option<&str>,
) -> Result<Mail> {
    let mut blocks = vec![letter.paragraph(
        "Thank you for registering on your state's website. The next step is to plan how you will vote.",
        "Gracias por inscribirse en el sitio de su estado. El siguiente paso es planear cómo va a votar.",
    )];
    if let Some(rules) = vbm_rules {
        blocks.push(letter.paragraph("Voting by mail in your state:", "Votar por correo en su estado:"));
        blocks.push(markdown(rules));
    }
    if let Some(url) = vbm_url {
        blocks.push(letter.action("Ask for a mail ballot", "Pedir una boleta por correo", url));
    }
    if let Some(starts) = early_voting {
        blocks.push(letter.paragraph("Early voting begins:", "La votación anticipada empieza:"));
        blocks.push(markdown(starts));
    }
    finished(
        letter,
        letter.t(
            "Your next step: plan your vote",
            "Su siguiente paso: planee su voto",
        ),
        &blocks,
    )
}

/// After a look-up that led to the state's own site.
pub fn verified_follow_up(letter: &Letter<'_>, register_url: &str, vbm_url: Option<&str>) -> Result<Mail> {
    let mut blocks = vec![
        letter.paragraph(
            "If your state's website did not find you, you can register now.",
            "Si el sitio de su estado no le encontró, puede inscribirse ahora.",
        ),
        letter.action("Register to vote", "Inscribirse para votar", register_url),
    ];
    if let Some(url) = vbm_url {
        blocks.push(letter.paragraph(
            "If it did, you may want to vote by mail:",
            "Si le encontró, quizás quiera votar por correo:",
        ));
        blocks.push(letter.action("Ask for a mail ballot", "Pedir una boleta por correo", url));
    }
    finished(
        letter,
        letter.t("Did you find your registration?", "¿Encontró su inscripción?"),
        &blocks,
    )
}

/// A sign-up for reminders is confirmed.
pub fn reminder_signed_up(letter: &Letter<'_>) -> Result<Mail> {
    let blocks = [letter.paragraph(
        "You are signed up. We will write to you before the elections in your state.",
        "Ya está en la lista. Le escribiremos antes de las elecciones en su estado.",
    )];
    finished(
        letter,
        letter.t(
            "You are signed up for election reminders",
            "Recibirá recordatorios de las elecciones",
        ),
        &blocks,
    )
}

/// To who asked for a report: here is its link.
pub fn report_ready(letter: &Letter<'_>, download_url: &str, organization: &str) -> Result<Mail> {
    let ready = match letter.language {
        Language::En => format!("The report of {organization} that you asked for is ready."),
        Language::Es => format!("El informe de {organization} que pidió está listo."),
    };
    let blocks = [
        Block::Paragraph(ready),
        letter.action("Download the report", "Descargar el informe", download_url),
        letter.paragraph(
            "The link works for a week. The file holds personal data of voters: keep it as such, and do not pass this e-mail on.",
            "El enlace funciona una semana. El archivo contiene datos personales de votantes: guárdelo como tales y no reenvíe \
             este correo.",
        ),
    ];
    let closing = letter.t(
        "You get this e-mail because you asked for a report. If it was not you, tell an administrator of your organization.",
        "Recibe este correo porque pidió un informe. Si no fue usted, avise a un administrador de su organización.",
    );
    letter.mail(
        letter.t("Your report is ready", "Su informe está listo"),
        &blocks,
        closing,
    )
}

/// A state's text for both forms of a mail. Raw HTML in it is dropped.
fn markdown(source: &str) -> Block {
    let safe = || Parser::new(source).filter(|event| !matches!(event, Event::Html(_) | Event::InlineHtml(_)));
    let mut html = String::new();
    push_html(&mut html, safe());
    let mut text = String::new();
    let mut link = None;
    for event in safe() {
        match event {
            Event::Text(words) | Event::Code(words) => text.push_str(&words),
            Event::SoftBreak | Event::HardBreak => text.push('\n'),
            Event::Start(Tag::Item) => text.push_str("- "),
            Event::Start(Tag::Link { dest_url, .. }) => link = Some(dest_url),
            Event::End(TagEnd::Link) => {
                if let Some(url) = link.take() {
                    text.push_str(&format!(" ({url})"));
                }
            }
            Event::End(TagEnd::Paragraph | TagEnd::Item | TagEnd::Heading(_)) => text.push('\n'),
            _ => {}
        }
    }
    Block::Rich {
        html,
        text: text.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use app::Settings;
    use ports::Address;

    use super::*;

    fn settings() -> Settings {
        Settings {
            environment: "test".to_owned(),
            public_url: "https://vote.example".to_owned(),
            mail_from: Address {
                name: Some("Commonweal".to_owned()),
                email: "hello@vote.example".to_owned(),
            },
            variables: BTreeMap::new(),
        }
    }

    fn all(language: Language, first_name: &str, tenant: &str) -> Vec<Mail> {
        let settings = settings();
        let letter = Letter {
            id: "test/1".to_owned(),
            to: "maya@example.org",
            first_name,
            language,
            sender: Sender {
                tenant,
                is_first_party: false,
            },
            settings: &settings,
        };
        let (url, to) = (
            "https://vote.example/voting/download/1?token=2&x=3",
            ["Elections".to_owned(), "1 Main St".to_owned()],
        );
        vec![
            registration_ready(
                &letter,
                url,
                "It must arrive by May 1.",
                &to,
                "See **this** [page](https://a.gov/x).",
                Some(url),
            ),
            registration_reminder(&letter, url, "It must arrive by May 1.", &[], "", None),
            unfinished(&letter, url),
            new_download_link(&letter, url),
            registered_online(
                &letter,
                Some("Rules <script>alert(1)</script>"),
                Some(url),
                Some("May 2"),
            ),
            verified_follow_up(&letter, url, Some(url)),
            reminder_signed_up(&letter),
            report_ready(&letter, url, tenant),
        ]
        .into_iter()
        .collect::<Result<_>>()
        .unwrap()
    }

    #[test]
    fn both_languages_have_every_mail_in_both_forms() {
        let (english, spanish) = (
            all(Language::En, "Maya", "Riverside"),
            all(Language::Es, "Maya", "Riverside"),
        );
        for (en, es) in english.iter().zip(&spanish) {
            assert_ne!(en.subject, es.subject);
            assert_ne!(en.text, es.text);
            assert!(es.html.contains("lang=\"es\"") && en.html.contains("lang=\"en\""));
            assert_eq!(en.from.name.as_deref(), Some("Riverside via Commonweal"));
            for mail in [en, es] {
                assert!(!mail.subject.contains(['\r', '\n']));
                assert_eq!(
                    mail.text.contains("https://"),
                    mail.html.contains("href=\"https://"),
                    "{}",
                    mail.subject
                );
            }
        }
        assert!(
            english[0].text.contains("token=2&x=3"),
            "plain text is not escaped:\n{}",
            english[0].text
        );
        assert!(english[0].text.contains("page (https://a.gov/x)"));
    }

    #[test]
    fn what_people_type_stays_text() {
        for mail in all(Language::En, "<b>Eve</b>", "Evil\"\r\nBcc: x <a@b>") {
            assert!(!mail.html.contains("<b>Eve"), "{}", mail.html);
            assert!(!mail.html.contains("<script"));
            let name = mail.from.name.unwrap();
            assert!(!name.contains(['\r', '\n', '"', '<', '>']), "{name}");
        }
    }
}
