"""Ports and addresses: which are free, which are refused with a sentence, and who answers."""

import errno
import http.client
import socket


class Refusal(Exception):
    """Why the store cannot open, in a sentence."""


def port_number(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise Refusal(f"PORT is {text!r}; it must be a number from 1 to 65535, for example `make run PORT=8001`.")
    return int(text)


def bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def refuse_taken_port(host: str, port: int) -> None:
    try:
        _bind(host, port).close()
    except PermissionError as error:
        raise Refusal(f"Port {port} is for the administrator alone. Choose another: `make run PORT=8001`.") from error
    except socket.gaierror as error:
        raise Refusal(f"HOST is {host!r}, which is no address of this machine. Try HOST=127.0.0.1.") from error
    except OSError as error:
        other = port + 1 if port < 65535 else 8001
        reason = (
            "is taken by another program" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
        )
        raise Refusal(f"Port {port} on {host} {reason}. Choose another: `make run PORT={other}`.") from error


def free_port(host: str, wished: int) -> int:
    """`wished` when it is free, so that a payment page's address outlives a restart; else any."""
    for port in (wished if wished < 65536 else 0, 0):
        try:
            with _bind(host, port) as found:
                return int(found.getsockname()[1])
        except OSError:
            continue
    raise Refusal(f"No port is free on {host}.")


def _bind(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound


def answers(host: str, port: int, path: str) -> bool:
    """Whether a web server there answers, with whatever but a fault of its own."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
