"""The field's standard terms, shared by every stage. Pure: imports only the standard library."""

from enum import StrEnum


class DocType(StrEnum):
    """What a document is, by its content."""

    DIPLOMA = "diploma"
    DEGREE_CERTIFICATE = "degree_certificate"
    MOOC_CERTIFICATE = "mooc_certificate"
    TRAINING_CERTIFICATE = "training_certificate"
    SCORE_SCREENSHOT = "score_screenshot"
    SIGN_IN_SHEET = "sign_in_sheet"
    OTHER = "other"


class FieldName(StrEnum):
    """The fields a document can have; values are strings (dates ISO 8601, numbers in Arabic digits)."""

    HOLDER_NAME = "holder_name"
    NICKNAME = "nickname"
    REAL_NAMED = "real_named"
    GENDER = "gender"
    BIRTH_DATE = "birth_date"
    ID_NUMBER = "id_number"
    CERTIFICATE_NO = "certificate_no"
    ISSUER = "issuer"
    PLATFORM = "platform"
    TITLE = "title"
    EDUCATION_LEVEL = "education_level"
    STUDY_FORM = "study_form"
    PERIOD_START = "period_start"
    PERIOD_END = "period_end"
    HOURS = "hours"
    HOURS_UNIT = "hours_unit"
    SCORE = "score"
    SCORE_MAX = "score_max"
    GRADE = "grade"
    ISSUE_DATE = "issue_date"


class UploadKind(StrEnum):
    """Who hands the paper in: a teacher's own evidence, or the organiser's register."""

    INDIVIDUAL = "individual"
    ORGANISER = "organiser"


class MatchKind(StrEnum):
    """How a name on paper was tied to a teacher on the roster; only the first three identify a person."""

    EXACT = "exact"
    ID_NUMBER = "id_number"
    BIRTH_DATE = "birth_date"
    SIMILAR = "similar"
    AMBIGUOUS = "ambiguous"
    NONE = "none"


class Outcome(StrEnum):
    """What a rule says of a document: three-valued, unknown is never pass."""

    PASS = "pass"  # noqa: S105 - an outcome, no password
    FAIL = "fail"
    UNKNOWN = "unknown"


class Recommendation(StrEnum):
    """What the rules advise; people decide."""

    APPROVE = "approve"
    REVIEW = "review"
    REJECT = "reject"


class Role(StrEnum):
    """What a person may do at an organisation and below it."""

    SCHOOL_UPLOADER = "school_uploader"
    SCHOOL_REVIEWER = "school_reviewer"
    COUNTY_REVIEWER = "county_reviewer"
    CITY_REVIEWER = "city_reviewer"
    INTEGRATOR = "integrator"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Level(StrEnum):
    """The kinds of organisation, which are also the levels of review, lowest first."""

    SCHOOL = "school"
    COUNTY = "county"
    CITY = "city"
