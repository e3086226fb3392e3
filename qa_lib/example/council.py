"""Who works in Exampleshire, and in which months it is looked at.

The council has six services of very unequal size, as councils do: two of them hold so few children's files
that a quarter brings five or six audits, so anyone who grades them by the quarter meets small numbers at
once. Each service has two to four teams. The 28 auditors are managers of those teams; nobody audits a case of
their own team.

The months run from April 2012 to January 2014. A reporting quarter starts in May (May to July is the first
quarter), so the first month stands alone as the end of the year before:

>>> MONTHS[0], quarter_of(MONTHS[0]), quarter_of(MONTHS[1]), quarter_of(MONTHS[-1])
(datetime.date(2012, 4, 1), '2011_q4', '2012_q1', '2013_q3')

Names of people are an initial and a surname made up for this purpose.
"""

from dataclasses import dataclass
from datetime import date

COUNCIL = "Exampleshire"
USUAL_AUDITS = 880  # finished over all the months, in a council of the usual size
ALLOCATED_A_MONTH = 50  # cases sent out each month in a council of the usual size


@dataclass(frozen=True)
class Service:
    """One service: its name, its teams, its open cases in a council of the usual size, and their mix.

    `categories` maps a kind of case to its share of the open cases; the shares add to 1.
    """

    name: str
    teams: tuple[str, ...]
    cases: int
    categories: dict[str, float]


SERVICES = (
    Service("First Response", ("Duty North", "Duty South", "Assessment"), 420, {"CIN": 0.8, "CP": 0.2}),
    Service(
        "Safeguarding and Support",
        ("Harbour", "Meadow", "Orchard", "Quarry"),
        1000,
        {"CIN": 0.55, "CP": 0.45},
    ),
    Service(
        "Children in Care",
        ("Looked After North", "Looked After South", "Leaving Care"),
        560,
        {"CLA": 0.75, "Care leaver": 0.25},
    ),
    Service("Disabled Children", ("Short Breaks", "Complex Needs"), 230, {"CIN": 0.85, "CP": 0.05, "CLA": 0.1}),
    Service("Fostering and Adoption", ("Fostering", "Adoption"), 110, {"CLA": 1.0}),
    Service(
        "Safeguarding and Quality Assurance",
        ("Conference Chairs", "Reviewing Officers"),
        80,
        {"CP": 0.6, "CLA": 0.4},
    ),
)

TEAMS = tuple((number, team) for number, service in enumerate(SERVICES) for team in service.teams)
"""Every team as (number of its service, name); a team is spoken of by its place in this tuple."""

_INITIALS = "ABCDEFGHJKLMNPRSTVWY"
_SURNAMES = """
    Alderbeck Brackenby Cawthrope Dunnerholt Elverthwaite Farrowdale Gildersby Hathercote Inglewyke
    Jessopham Kestrelby Larkhurst Mossgrave Netherfold Oxenbrigg Pellowby Quarringate Rookhampton
    Silverdyke Thistlecote Umberleigh Vennowby Wexcombe Yarrowby Applegarth Birkenshay Copperdale
    Dovecroft Emberley Foxdene Gorsefield Hazelrigg Ivyholme Juniper Knapwell Lindenby Merrowdale
""".split()


def person(number: int) -> str:
    """The name of the council's nth member of staff: different for each of the first 740.

    The initials (20) and the surnames (37) have no common factor, so that walking both at once repeats no
    pair early.

    >>> person(0), person(1), person(20)
    ('A. Alderbeck', 'B. Hathercote', 'A. Foxdene')
    """
    return f"{_INITIALS[number % len(_INITIALS)]}. {_SURNAMES[number * 7 % len(_SURNAMES)]}"


@dataclass(frozen=True)
class Auditor:
    """One auditor: a name, the team that she or he manages (a place in `TEAMS`) and a way of writing.

    `style` is `terse` (fragments, one a line), `bullets`, `essay` or `pasted` (ends every box with the same
    words).
    """

    name: str
    team: int
    style: str


STYLES = ("terse", "essay", "bullets", "pasted")
AUDITORS = tuple(Auditor(person(n), n * 5 % len(TEAMS), STYLES[n % len(STYLES)]) for n in range(28))
"""The auditors from the most severe to the most lenient; neighbours in this order never share a team."""

MONTHS = tuple(date(2012 + (3 + n) // 12, (3 + n) % 12 + 1, 1) for n in range(22))
"""The first day of each month, April 2012 to January 2014."""


def month_name(month: date) -> str:
    """A month as the truth's files write it.

    >>> month_name(MONTHS[0])
    '2012-04'
    """
    return f"{month:%Y-%m}"


def day_first(day: date) -> str:
    """A day as the case system writes it.

    >>> day_first(date(2013, 5, 1))
    '01/05/2013'
    """
    return f"{day:%d/%m/%Y}"


def quarter_of(month: date) -> str:
    """The reporting quarter of a month, named by the year in which the quarter's first May stood.

    >>> quarter_of(date(2013, 1, 1)), quarter_of(date(2013, 2, 1))
    ('2012_q3', '2012_q4')
    """
    started = month.year if month.month >= 5 else month.year - 1
    return f"{started}_q{(month.month - 5) % 12 // 3 + 1}"


QUARTERS = tuple(dict.fromkeys(quarter_of(month) for month in MONTHS))
"""The reporting quarters, in order."""
