use super::*;

#[test]
fn names_become_safe_file_names_and_titles() {
    assert_eq!(file_name("../Doe/John: 1.pdf"), "_Doe_John_ 1.pdf");
    assert_eq!(file_name("fdp\u{202E}.pdf"), "fdp_.pdf");
    let long = file_name(&format!("{}_multnomah.pdf", "Ñ".repeat(400)));
    assert!(long.len() <= MAX_FILE_NAME && long.ends_with("Ñ.pdf"), "{long}");
    assert_eq!(title_case("POSS UNDER oz (mj) 2nd"), "Poss Under Oz (Mj) 2Nd");
}

#[test]
fn an_address_keeps_its_zip_and_its_fourth_line() {
    let washington = address_of("WASHINGTON").unwrap();
    assert!(washington.in_three_lines()[2].ends_with("97124-3002"));
    assert!(washington.cut_at_hyphens()[2].ends_with("97124"));
    let gilliam = address_of("gilliam").unwrap().in_three_lines();
    assert_eq!(
        gilliam,
        [
            "District Attorney",
            "221 S. Oregon St",
            "PO Box 636, Condon, OR 97823"
        ]
    );
    assert!(address_of("hood river").is_some());
    assert_eq!(address_of("Clark"), None);
}

#[test]
fn a_long_explanation_is_broken_at_blanks_and_its_end_is_noticed() {
    let word = "abcd ";
    let waiver = WaiverInformation {
        explain: word.repeat(70),
        ..WaiverInformation::default()
    };
    assert!(!waiver.is_too_long());
    let waiver = WaiverInformation {
        explain: word.repeat(100),
        ..WaiverInformation::default()
    };
    assert!(waiver.is_too_long());
    let waiver = WaiverInformation {
        explain: "x".repeat(5_000),
        ..WaiverInformation::default()
    };
    assert!(!waiver.is_too_long(), "one long word stays whole");
}
