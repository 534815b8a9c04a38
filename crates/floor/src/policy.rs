//! The ordering policies. A new one is a variant and its row in [`Policy::rules`]; one that ranks by something new also
//! needs a [`Rank`], which `ordering` computes. Rules of order, section 7.1.

plenary_ids::wire_enum! {
    /// The order of the list of speakers.
    #[derive(Default)]
    pub enum Policy {
        /// In the order of listing.
        #[default]
        Fifo = "fifo",
        /// As the agenda names its speakers; others after them.
        Agreed = "agreed",
        /// Members before observers, guests and staff.
        MembersFirst = "members_first",
        /// Delegations that have spoken less before those that have spoken more.
        Rotation = "rotation",
        /// Members first, and rotation within each class.
        MembersFirstRotation = "members_first_rotation",
        /// In the drawn or alphabetical order of delegations.
        Protocol = "protocol",
    }
}

/// How a policy sorts the list: by class if it says so, then by rank, then by the order of listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rules {
    /// What the list is ordered by, as a refusal names it.
    pub(crate) name: &'static str,
    /// Whether members come before observers, guests and staff.
    pub(crate) by_class: bool,
    /// What the requests of a class are sorted by.
    pub(crate) rank: Rank,
    /// Whether the order of listing is part of the policy. If not, the chair may swap requests of equal rank.
    pub(crate) keeps_listing_order: bool,
}

/// The rank by which a policy sorts, beside the class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rank {
    /// Nothing: the order of listing decides.
    None,
    /// How often the delegation has spoken, its requests further up the list included.
    Rounds,
    /// The place among the planned speakers of the agenda item.
    Agreed,
    /// The place of the delegation in the drawn or alphabetical order.
    Protocol,
}

impl Policy {
    pub(crate) const fn rules(self) -> Rules {
        match self {
            Self::Fifo => Rules {
                name: "arrival",
                by_class: false,
                rank: Rank::None,
                keeps_listing_order: true,
            },
            Self::Agreed => Rules {
                name: "the agenda",
                by_class: false,
                rank: Rank::Agreed,
                keeps_listing_order: false,
            },
            Self::MembersFirst => Rules {
                name: "standing, members first",
                by_class: true,
                rank: Rank::None,
                keeps_listing_order: false,
            },
            Self::Rotation => Rules {
                name: "how often a delegation has spoken",
                by_class: false,
                rank: Rank::Rounds,
                keeps_listing_order: true,
            },
            Self::MembersFirstRotation => Rules {
                name: "standing and how often a delegation has spoken",
                by_class: true,
                rank: Rank::Rounds,
                keeps_listing_order: true,
            },
            Self::Protocol => Rules {
                name: "protocol",
                by_class: false,
                rank: Rank::Protocol,
                keeps_listing_order: false,
            },
        }
    }
}
