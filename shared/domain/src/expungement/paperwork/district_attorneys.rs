//! Where the district attorneys of Oregon's 36 counties are served.

/// The address of a district attorney's office; ` - ` stands between its lines.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Address(&'static str);

impl Address {
    /// As the statewide form wants it, in one line.
    #[must_use]
    pub const fn as_line(self) -> &'static str {
        self.0
    }

    /// For a form of three lines: what is more stands on the third.
    pub(super) fn in_three_lines(self) -> Vec<String> {
        let mut lines: Vec<String> = self
            .0
            .splitn(3, " - ")
            .map(|line| line.trim().to_owned())
            .collect();
        if let Some(last) = lines.last_mut() {
            *last = last.replace(" - ", ", ");
        }
        lines
    }

    /// As the peer cuts it.
    pub(super) fn cut_at_hyphens(self) -> Vec<String> {
        self.0.split('-').take(3).map(str::to_owned).collect()
    }
}

/// The office of a county, whatever the letter case; `None` for a county that Oregon does not have.
#[must_use]
pub fn address_of(county: &str) -> Option<Address> {
    let found = ADDRESSES
        .iter()
        .find(|(name, _)| county.eq_ignore_ascii_case(name));
    found.map(|(_, address)| Address(address))
}

/// The names of the counties, sorted.
pub fn counties() -> impl Iterator<Item = &'static str> {
    ADDRESSES.iter().map(|(name, _)| *name)
}

#[rustfmt::skip]
const ADDRESSES: [(&str, &str); 36] = [
    ("Baker", "Baker County Courthouse - 1995 Third Street, Suite 320 - Baker City, OR 97814"),
    ("Benton", "District Attorney's Office - 120 NW 4th St. - Corvallis, OR 97330"),
    ("Clackamas", "1000 Courthouse Rd. - Oregon City, OR 97045"),
    ("Clatsop", "Clatsop County District Attorney’s Office - PO Box 149 - Astoria, OR 97103"),
    ("Columbia", "230 Strand St. - Columbia County Courthouse Annex - St. Helens, OR 97051"),
    ("Coos", "Coos County District Attorney's Office - 250 N. Baxter - Coquille, Oregon 97423"),
    ("Crook", "District Attorney - 300 NE 3rd St, Rm. 34 - Prineville, OR 97754"),
    ("Curry", "District Attorney - 94235 Moore Street, #232 - Gold Beach, OR 97444"),
    ("Deschutes", "District Attorney - 1164 NW Bond St. - Bend, OR 97703"),
    ("Douglas", "District Attorney - 1036 SE Douglas Avenue - Justice Building, Room 204 - Roseburg, OR 97470"),
    ("Gilliam", "District Attorney - 221 S. Oregon St - PO Box 636 - Condon, OR 97823"),
    ("Grant", "District Attorney - 201 South Humbolt Street - Canyon City, Oregon, 97820"),
    ("Harney", "District Attorney - 450 N Buena Vista Ave - Burns, OR 97720"),
    ("Hood River", "District Attorney - 309 State Street  - Hood River, OR 97031"),
    ("Jackson", "District Attorney - 815 W. 10th Street - Medford, Oregon 97501"),
    ("Jefferson", "District Attorney - 129 SW E Street, Suite 102 - Madras, Oregon 97741"),
    ("Josephine", "District Attorney - 500 NW 6th St #16 - Grants Pass, OR 97526"),
    ("Klamath", "District Attorney - 305 Main Street - Klamath Falls, OR 97601"),
    ("Lake", "District Attorney - 513 Center St, Lakeview, OR 97630"),
    ("Lane", "District Attorney - 125 E 8th Ave - Eugene, OR 97401"),
    ("Lincoln", "District Attorney - 225 W Olive St # 100 - Newport, OR 97365"),
    ("Linn", "District Attorney - PO Box 100 - Albany, Oregon 97321"),
    ("Malheur", "District Attorney - 251 B St. West #6 - Vale, OR 97918"),
    ("Marion", "District Attorney - PO Box 14500 - Salem, OR 97309"),
    ("Morrow", "District Attorney - P.O. Box 664 - Heppner, OR  97836"),
    ("Multnomah", "Multnomah County Central Courthouse - 1200 S.W. 1st Avenue, Suite 5200 - Portland, Oregon 97204"),
    ("Polk", "District Attorney - 850 Main Street - Dallas, OR 97338"),
    ("Sherman", "District Attorney - P.O. Box 393 - Moro, OR 97039"),
    ("Tillamook", "District Attorney - 201 Laurel Ave - Tillamook, OR 97141"),
    ("Umatilla", "District Attorney - 216 SE 4th St, Pendleton, OR 97801"),
    ("Union", "District Attorney - 1104 K Ave - La Grande, OR 97850"),
    ("Wallowa", "District Attorney - 101 S. River Street, Rm. 201 - Enterprise, OR 97828"),
    ("Wasco", "District Attorney - 511 Washington St #304 - The Dalles, OR 97058"),
    ("Washington", "District Attorney - 150 N First Avenue, Suite 300 - Hillsboro, OR 97124-3002"),
    ("Wheeler", "District Attorney - P.O. Box 512 - Fossil, OR 97830"),
    ("Yamhill", "District Attorney - 535 NE 5th St #117 - McMinnville, OR 97128"),
];
