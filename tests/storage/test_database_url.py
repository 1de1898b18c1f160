"""Which database a DATABASE_URL means, and that nothing of a password is repeated."""

import pytest

from tvspiders.errors import StorageProblem
from tvspiders.storage.database.engine import open_engine
from tvspiders.storage.database.url import parse_url, secrets_of_url


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("sqlite:///thingiverse.db", "sqlite"),
        ("sqlite+pysqlite:////var/x.db", "sqlite"),
        ("SQLite:///x.db", "sqlite"),
        (" postgresql://amber:secret@db/things\n", "postgresql+psycopg"),
        ("postgres://amber@db/things", "postgresql+psycopg"),
        ("POSTGRES://amber@db/things", "postgresql+psycopg"),
        ("Postgresql+Psycopg://amber@db/things", "postgresql+psycopg"),
    ],
)
def test_accepted_urls(given, driver):
    assert parse_url(given).drivername == driver


@pytest.mark.parametrize("quote", ['"', "'"])
@pytest.mark.parametrize("given", ["postgresql://amber:secret@db/things", "sqlite:///My.db"])
def test_quotation_marks_around_it_all_are_taken_off(given, quote):
    assert parse_url(f" {quote}{given}{quote}\n") == parse_url(given)


@pytest.mark.parametrize("given", ['"postgresql://a:s3cret@db/x', "postgresql://a:s3cret@db/x'", '"'])
def test_half_a_pair_of_quotation_marks_is_named(given):
    with pytest.raises(StorageProblem, match="a quotation mark stands at one end only"):
        parse_url(given)


@pytest.mark.parametrize(
    ("login", "user", "password"),
    [
        ("amber:p%40ss%2Fw%3F%25@", "amber", "p@ss/w?%"),
        ("amber:p@ss@", "amber", "p@ss"),
        ("amber:p@ss#1@", "amber", "p@ss#1"),
        ("amber:p/w?x#y&=@", "amber", "p/w?x#y&="),
        ("amber:a:b%rd@", "amber", "a:b%rd"),
        ("amber@server:word@", "amber@server", "word"),
        ("amber%3Ax:@", "amber:x", None),
        ("amber@", "amber", None),
        ("", None, None),
    ],
)
def test_user_and_password(login, user, password):
    url = parse_url(f"postgresql://{login}db.example:5433/things?sslmode=require")

    assert (url.username, url.password) == (user, password)
    assert (url.host, url.port, url.database) == ("db.example", 5433, "things")
    assert dict(url.query) == {"sslmode": "require"}


@pytest.mark.parametrize(
    "given",
    [
        "postgresql://u:s3cret@ss:w/o%rd#?&=@host/db",
        "postgresql://u:p@s3cret/s@host/db",
        "postgresql://u:p@x?s3cret@host/db",
        "postgresql://u:p@x?s3cret=1&c@host/db",
        "postgresql://u:12/s3cret@host/db",
    ],
)
def test_a_password_that_can_mean_two_things_must_be_percent_encoded(given):
    with pytest.raises(StorageProblem, match="percent-encoded, such as %40 for @") as raised:
        parse_url(given)

    assert "s3cret" not in str(raised.value)


@pytest.mark.parametrize(
    ("given", "host", "port"),
    [
        ("%2Fvar%2Frun%2Fpostgresql/things", "/var/run/postgresql", None),
        ("amber@%2Ftmp:5433/things", "/tmp", "5433"),
        ("/things?host=/tmp&port=5433", "/tmp", "5433"),
        ("one,two/things", "one,two", ","),
        ("amber:word@one:5433,two/things", "one,two", "5433,"),
        ("[::1]:5433,two:5434/things", "::1,two", "5433,5434"),
        ("[::1]:5433/things", "::1", 5433),
        ("d%C3%A9p%C3%B4t/things", "dépôt", None),
    ],
)
def test_hosts_and_sockets(given, host, port):
    (_, arguments) = open_engine(f"postgresql://{given}").dialect.create_connect_args(
        parse_url(f"postgresql://{given}")
    )

    assert (arguments["host"], arguments.get("port"), arguments["dbname"]) == (host, port, "things")


def test_the_database_is_percent_decoded():
    assert parse_url("postgresql://db/my%20%22things%22%40home").database == 'my "things"@home'


def test_what_libpq_takes_after_the_question_mark_is_taken():
    url = parse_url("postgresql://db/x?user=a@b&password=c+d&dbname=y&options=-c+jit%3Doff&connect_timeout=9")

    assert (url.username, url.password, url.database) == ("a@b", "c+d", "y")
    assert dict(url.query) == {"options": "-c jit=off", "connect_timeout": "9"}


@pytest.mark.parametrize(
    "name",
    ["autocommit", "prepare_threshold", "row_factory", "cursor_factory", "context", "foo", "pgbouncer"],
)
def test_arguments_of_the_driver_are_refused_by_name(name):
    with pytest.raises(StorageProblem, match=f"not taken: '{name}'; accepted are libpq's own: ") as raised:
        parse_url(f"postgresql://u:s3cret@db/x?sslmode=require&{name}=true")

    assert "connect_timeout" in str(raised.value)
    assert "\n" not in str(raised.value)
    assert "s3cret" not in str(raised.value)


def test_every_option_that_is_not_taken_is_named():
    with pytest.raises(StorageProblem, match="not taken: 'foo', 'autocommit', 'replication'; "):
        parse_url("postgresql://db/x?foo=1&autocommit&replication=database")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("postgresql://db/x?sslmode=a&sslmode=b", "the option sslmode is given twice"),
        ("postgresql://db/x?sslmode", "the option sslmode is given without a value"),
        ("postgresql://db/x?client_encoding=latin1", "client_encoding is always utf8"),
        ("postgresql://u:s3cret@db:port/x", "the port must be a number"),
        ("postgresql://u:s3cret/x", "the port must be a number"),
        ("postgresql://db/x?port=many", "the port must be a number"),
        ("postgresql://u:s3cret@::1/x", "an IPv6 address stands in brackets"),
        ("postgresql://u:s3cret%ff@db/x", "bytes that are not UTF-8"),
        ("postgresql://u:s3cret\udcff@db/x", "bytes that are not UTF-8"),
        ("postgresql://u:s3cret%00@db/x", "the sign %00"),
        ("postgresql://u:s3cret@" + 64 * "a" + "/x", "the host has a part that is"),
        ("postgresql://u:s3cret@a..b,c/x", "the host has a part that is"),
        ("postgresql://u:s3cret@/x?host=a..b", "the host has a part that is"),
        ("sqlite:///x.db?timeout=3", "takes no options"),
        ("sqlite://x.db", "a SQLite file has no host"),
        ("sqlite://a:s3cret@h/x.db", "a SQLite file has no host"),
        ("", "accepted are"),
        ("thingiverse.db", "accepted are"),
        ("mysql://root:s3cret@db/x", "names 'mysql'"),
        ("postgresql+asyncpg://a:s3cret@db/x", r"names the driver 'postgresql\+asyncpg'"),
        ("http://", "names 'http'"),
    ],
)
def test_anything_else_is_refused_in_one_line_without_the_password(given, said):
    with pytest.raises(StorageProblem, match=said) as raised:
        parse_url(given)

    assert "\n" not in str(raised.value)
    assert "s3cret" not in str(raised.value)


def test_ports_that_do_not_fit_the_hosts_are_told():
    with pytest.raises(StorageProblem, match="hosts and ports do not fit together"):
        open_engine("postgresql://a,b,c/x?port=1,2")


@pytest.mark.parametrize("given", ["client_encoding=utf8", "client_encoding=UTF-8", "sslmode="])
def test_what_changes_nothing_is_left_out(given):
    assert parse_url(f"postgresql://db/x?{given}").query == {}


def test_all_secrets_of_a_url_are_known():
    url = parse_url("postgresql://u:one@db/x?sslpassword=two&oauth_client_secret=three&application_name=me")

    assert sorted(secrets_of_url(url)) == ["one", "three", "two"]
    assert secrets_of_url(parse_url("postgresql://db/x?password=four")) == ["four"]
    assert secrets_of_url(parse_url("sqlite:///x.db")) == []
