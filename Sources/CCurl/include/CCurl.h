#ifndef LEUKOSCOPE_CCURL_H
#define LEUKOSCOPE_CCURL_H

#include <stddef.h>

/// Sends one letter through an SMTP server, and blocks until it is taken or refused. curl_easy_setopt is variadic, which
/// Swift cannot call; this is the one call that is needed.
///
/// - url: `smtp://host:port` or `smtps://host:port`.
/// - require_tls: with `smtp://`, whether to refuse a server that does not offer STARTTLS.
/// - user, password: NULL for a server that asks for none.
/// - ca_file: a PEM file with the authorities to believe; NULL for the system's.
/// - sender, recipient: addresses without angle brackets.
/// - message, length: headers, an empty line and the body, lines ended by CRLF.
/// - timeout_seconds: for the whole exchange.
/// - error, error_length: receives why it failed, ended by a zero byte; at least 256 bytes.
///
/// Returns 0 when the server took the letter, else libcurl's code.
int cc_send_mail(const char *url, int require_tls, const char *ca_file, const char *user, const char *password,
                 const char *sender, const char *recipient, const char *message, size_t length, long timeout_seconds, char *error,
                 size_t error_length);

#endif
