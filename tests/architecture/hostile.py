"""The worst that may be typed, sent and named: texts, bytes, headers, cookies, bodies, methods."""

from urllib.parse import quote

TEXTS = [
    "", " ", "\x00", "a\x00b", "\x00" * 50, "x" * 100_000, "9" * 5_000, "-1", "0", "1.5", "1e400", "-1e400", "NaN", "inf",
    "2147483648", "9223372036854775808", "٣", "１２", "²", "Ⅷ", "😀" * 40, "👨‍👩‍👧‍👦", "‮evil", "\u202e\u2066x", "ﷺ" * 200,
    "\ufeff", "\uffff", "e\u0301" * 300, "../../../etc/passwd", "..\\..\\x", "/\x00/..", "' OR 1=1 --", "\\'; DROP TABLE x; --",
    "<script>alert(1)</script>", "{{7*7}}{% load x %}", "%s%n%(name)s%", "{0.__class__}", "$(id)`id`", "\r\nSet-Cookie: a=b",
    "\n\n", "a@" * 60 + "b", "@", '"a b"@example.com', "a@[127.0.0.1]", "a@" + "x" * 300 + ".com", "mina@ex\x00.com",
    "not-a-uuid", "00000000-0000-0000-0000-000000000000", "{" * 50, "2026-02-30", "0000-00-00", "99999-12-31T99:99:99Z",
    "[]", "null", "true", "1,2", "0x10", "1_000", "+1", " 1 ", "1\n", "KR\x00", "ZZ", "+82" + "1" * 60, "a:b:c:d", "\x1b[31m",
]  # fmt: skip
# Bytes that no text is made of, as they stand in an address or in a form.
PERCENTED = [
    "%00",
    "%ff%fe",
    "%ed%a0%80",
    "%c0%80",
    "%",
    "%zz",
    "%u0041",
    "%f0%9f%98%80",
    "%2e%2e%2f",
    "%0d%0a",
    "%D9%A3",
]
IN_A_PATH = [quote(text, safe="") for text in TEXTS if len(text) < 5_000 and text not in ("", ".", "..")] + PERCENTED
PARAMETERS = [
    "q", "page", "sort", "category", "variant", "in_stock", "address", "country", "next", "kind", "format", "currency", "go",
    "notice", "language", "key", "cursor", "limit", "", "__proto__", "a[]", "csrfmiddlewaretoken",
]  # fmt: skip
HEADERS: list[dict[str, str]] = [
    {"HTTP_ACCEPT_LANGUAGE": value}
    for value in ("", "x" * 600, "ko;q=abc", "*", "ko-KR;q=9,,,;", "\xff\xfe", "a" * 5_000 + ",en", "../..", "en\x00")
]
HEADERS += [
    {"HTTP_REFERER": value}
    for value in ("", "x", "http://[", "http://[::1", "https://\x00", "//a//b", "http://a:b:c/", "\xff")
]
HEADERS += [{"HTTP_USER_AGENT": value} for value in ("", "\x00", "x" * 100_000, "\xff\xfe", "${jndi:ldap://x}", "%n%s")]
HEADERS += [
    {"HTTP_HOST": value}
    for value in (
        "",
        "evil.example",
        "a b",
        "[::1",
        "127.0.0.1:99999999",
        "localhost:x",
        "\xff",
        "x" * 5_000,
        "a\x00b",
        "@",
    )
]
HEADERS += [
    {"HTTP_SEC_GPC": "1\x00"},
    {"HTTP_SEC_GPC": "x" * 500, "HTTP_DNT": "?"},
    {"HTTP_X_FORWARDED_FOR": "999.1.1.1, \xff, ::g", "HTTP_X_FORWARDED_PROTO": "gopher", "HTTP_X_FORWARDED_HOST": "evil"},
    {"HTTP_FORWARDED": "for=\x00;by=", "HTTP_X_REAL_IP": "x", "REMOTE_ADDR": "not an address"},
    {"REMOTE_ADDR": ""},
    {"HTTP_X_HTTP_METHOD_OVERRIDE": "DELETE", "HTTP_X_ORIGINAL_URL": "/admin/", "HTTP_X_REWRITE_URL": "/admin/"},
    {"HTTP_ACCEPT": "x"},
    {"HTTP_ACCEPT": "application/json;q=x, */*;" + "v=1;" * 500},
    {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "basket", "HTTP_HX_CURRENT_URL": "http://["},
    {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "\xff", "HTTP_HX_CURRENT_URL": "%zz", "HTTP_HX_CURRENT_URL_URI": "x"},
    {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "goods", "HTTP_HX_TRIGGERING_EVENT": "{", "HTTP_HX_PROMPT": "%ff"},
    {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "checkout", "HTTP_HX_BOOSTED": "x"},
    {"HTTP_X_REQUESTED_WITH": "XMLHttpRequest"},
    {"HTTP_IF_NONE_MATCH": '"', "HTTP_IF_MODIFIED_SINCE": "Thu, 99 Foo 9999 99:99:99 GMT", "HTTP_RANGE": "bytes=9-1,x"},
    {"HTTP_AUTHORIZATION": "Basic \xff", "HTTP_X_CSRFTOKEN": "\x00", "HTTP_ORIGIN": "null"},
    {"HTTP_ORIGIN": "http://[", "CONTENT_LENGTH": "x"},
    {"CONTENT_LENGTH": "-1"},
    {"CONTENT_TYPE": "text/plain; charset=hex"},
    {"CONTENT_TYPE": "text/plain; charset=rot13"},
    {"CONTENT_TYPE": "text/html; charset=\xff"},
    {"CONTENT_TYPE": "application/x-www-form-urlencoded; charset=utf-16"},
]  # fmt: skip
COOKIES = [
    "sessionid=" + "a" * 5_000,
    'sessionid="aaaaaaaaaaaa\\000"',
    "sessionid=\xff\xfe\xff\xfe\xff\xfe\xff\xfe",
    'sessionid="\\355\\240\\200aaaaaaaa"',
    "sessionid=' OR 1=1 --aaaaaaaa",
    "csrftoken=x; csrftoken=" + "y" * 64,
    'csrftoken="\\000\\000"',
    "basket=g:aaaa:1:forged",
    'basket="g:\\000:1:x:y"',
    "basket=" + ":" * 500,
    "messages=x; messages=[[1,2,3]]:a:b",
    'messages="\\000"',
    "messages=" + "W1siX19qc29uX21lc3NhZ2UiLDAsMjUsIngiXV0" * 50 + ":x:y",
    "cookie_consent=x=y|z; traffic_log=\xff; pref_=x; pref_currency=\x01",
    "traffic_log=" + "A" * 22 + "; cookie_consent=on=x:y",
    "django_language=../../x",
    "=; ; ;=;a;\x00=\x00",
    "a=" + "b" * 20_000,
]
JSONS = [
    b"", b"{", b"[]", b"null", b'"x"', b"1", b"NaN", b"1e999", b"[" * 100_000, b'{"a":' * 50_000, b"\xff\xfe\x00", b"\xef\xbb\xbf",
    b'{"variant": {}, "quantity": []}', b'{"variant": [1], "quantity": {"a": 1}}', b'{"variant": true, "quantity": 1.5}',
    b'{"variant": 1e400, "quantity": -1}', b'{"variant": ' + b"9" * 4_000 + b', "quantity": 99999999999999999999}',
    b'{"variant": "\\ud800", "quantity": "\\u0000"}', b'{"variant": null}', b'{"\\u0000": 1}', b'[{"variant": 1}]',
    b'{"notice": {}, "country": [], "recipient": 5, "no_marketing": "maybe"}',
    b'{"notice": "\\ud800", "country": "\\ud800", "recipient": "\\ud800\\udc00\\ud800", "phone": "\\u0000"}',
    b'{"id": "evt", "kind": "payment.succeeded", "intent": "\\u0000"}',
]  # fmt: skip
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=B"
BODIES: list[tuple[bytes, str]] = [
    *((body, JSON) for body in JSONS[:6]),
    (b"\xff\xfe\x00=\x00", FORM),
    (b"email=%ff%fe&body=%00&%00=%ed%a0%80&=&&a", FORM),
    (b"&".join(b"a%d=1" % n for n in range(600)), FORM),
    (b"a=" + b"x" * 2_600_000, FORM),
    (b"email=a%40example.com", FORM + "; charset=utf-16"),
    (b"email=a", FORM + "; charset=hex"),
    (b"email=%FF&name=\xff", FORM + "; charset=nonsense"),
    (b"", MULTIPART),
    (b"--B\r\n", MULTIPART),
    (b"--B--\r\n", "multipart/form-data"),
    (b"x", "multipart/form-data; boundary=" + "B" * 500),
    (b"x", "multipart/form-data; boundary=\xff"),
    (b'--B\r\nContent-Disposition: form-data; name="a"; filename="\x00../../x"\r\n\r\n\x00\r\n--B--\r\n', MULTIPART),
    (b'--B\r\nContent-Disposition: form-data; name="\xff"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!\r\n--B--', MULTIPART),
    (b'--B\r\nContent-Disposition: form-data; name="email"\r\n\r\n\\ud800\r\n--B--\r\n', MULTIPART + "; charset=unicode_escape"),
    (b'--B\r\nContent-Disposition: form-data; name="email"\r\n\r\n+2AA-\r\n--B--\r\n', MULTIPART + "; charset=utf-7"),
    (b'--B\r\nContent-Disposition: form-data; name="email"\r\n\r\nzz\r\n--B--\r\n', MULTIPART + "; charset=hex"),
    (b"<x/>", "text/xml"),
    (b"x", ""),
    (b"x", "a/b/c; ;;="),
    (b"x", "\xff"),
]  # fmt: skip
METHODS = ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "get", "PROPFIND", "X" * 100]
