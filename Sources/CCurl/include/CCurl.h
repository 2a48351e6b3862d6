#pragma once

#include "CStatus.h"

/// Sends one letter through an SMTP server, and blocks until it is taken or refused. curl_easy_setopt is variadic, which
/// Swift cannot call; this is the one call that is needed.
///
/// - url: `smtp://host:port` or `smtps://host:port`.
/// - requireTLS: with `smtp://`, whether to refuse a server that does not offer STARTTLS.
/// - user, password: NULL for a server that asks for none.
/// - authorities: a PEM file with the authorities to believe; NULL for the system's.
/// - sender, recipient: addresses without angle brackets.
/// - message, length: headers, an empty line and the body, lines ended by CRLF.
/// - timeoutSeconds: for the whole exchange.
CSStatus cc_send_mail(const char *url, int requireTLS, const char *authorities, const char *user, const char *password,
                      const char *sender, const char *recipient, const char *message, size_t length,
                      long timeoutSeconds, CSError *error);
