import pytest

from haidang.project import options


@pytest.mark.parametrize(
    ("url", "port", "tls", "starttls"),
    [
        ("smtp://ioc:m%40t@mail.example:2525", 2525, False, False),
        ("smtp+tls://ioc:m%40t@mail.example", 587, False, True),
        ("smtps://ioc:m%40t@mail.example", 465, True, False),
    ],
)
def test_the_address_of_the_mail_server_is_read(
    url: str, port: int, tls: bool, starttls: bool
) -> None:
    read = options.mail_server(url)
    assert (read["EMAIL_HOST"], read["EMAIL_PORT"]) == ("mail.example", port)
    assert (read["EMAIL_HOST_USER"], read["EMAIL_HOST_PASSWORD"]) == ("ioc", "m@t")
    assert (read["EMAIL_USE_SSL"], read["EMAIL_USE_TLS"]) == (tls, starttls)


def test_a_wrong_address_of_the_mail_server_is_refused() -> None:
    with pytest.raises(ValueError, match="smtp://"):
        options.mail_server("mail.example:25")
