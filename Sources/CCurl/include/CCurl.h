#pragma once

#include "CStatus.h"

/// Sends one letter through an SMTP server, and blocks until it is taken or refused. curl_easy_setopt is variadic, which
/// Swift cannot call.
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

/// Posts a body once, and blocks until the answer is there. No redirection is followed and no proxy is asked.
///
/// - url: `https://…` or `http://…`.
/// - fields: of the head, such as `Content-Type: application/json`, a line each.
/// - allowed: numeric addresses of private networks that may be called, between spaces; others are refused. NULL for an
///   address that the operator named, which may be any.
/// - body, length: what is sent.
/// - maximumAnswer: bytes of the answer; one that is longer is a failure.
/// - timeoutSeconds: for the whole exchange.
///
/// Succeeds when the answer's status is 200 to 299.
CSStatus cc_post(const char *url, const char *fields, const char *allowed, const char *body, size_t length,
                 size_t maximumAnswer, long timeoutSeconds, CSError *error);

/// What came back from `cc_exchange`; to be freed with `cc_answer_free`.
typedef struct {
    /// The status of HTTP.
    long status;
    /// The head with all its lines, `headLength` bytes; those of a 100 before it too. NULL where it is empty, as is the body.
    char *head;
    size_t headLength;
    uint8_t *body;
    size_t bodyLength;
} CCAnswer;

/// Sends one request, signed as AWS signs (Signature Version 4), and blocks until the answer is there, whatever its status. No
/// redirection is followed and no proxy is asked. Connections are kept for later requests of the process; any thread may call it.
///
/// - method: `GET`, `HEAD`, `PUT`, `POST` or `DELETE`.
/// - url: `https://…` or `http://…`; its query in the order and with the escapes in which it is signed.
/// - fields: of the head, a line each; empty for none. They are signed too.
/// - authorities: a PEM file with the authorities to believe; NULL for the system's.
/// - signature: provider, region and service, such as `aws:amz:eu-central-1:s3`.
/// - keyID, secret: who signs.
/// - body, length: what is sent; NULL for a request without a body.
/// - maximumAnswer: bytes of the answer's body; one that is longer is a failure.
/// - timeoutSeconds: for the whole exchange; one that stands still for 20 seconds ends before.
CSStatus cc_exchange(const char *method, const char *url, const char *fields, const char *authorities,
                     const char *signature, const char *keyID, const char *secret, const void *body, size_t length,
                     size_t maximumAnswer, long timeoutSeconds, CCAnswer *answer, CSError *error);

/// Frees what an answer holds, and empties it.
void cc_answer_free(CCAnswer *answer);

/// Whether a numeric address is of a private network: 1 or 0; -1 for a text that is no numeric address.
///
/// Here and below an address is what it is, however it is written: `::1`, `[::1]` and `0:0::0001` are one, and so are `127.0.0.1` and
/// `::ffff:127.0.0.1`. A zone, as in `fe80::1%eth0`, counts for addresses of a link alone.
int cc_address_is_private(const char *address);

/// Whether a numeric address is of this machine alone (127.0.0.0/8 or ::1): 1 or 0; -1 for a text that is no numeric address.
int cc_address_is_here(const char *address);

/// Whether a numeric address is one of those between the spaces of `allowed`: 1 or 0; -1 for a text that is no numeric address.
int cc_address_is_named(const char *allowed, const char *address);

/// A connection to one HTTP server that stays open between exchanges; used by one thread at a time.
typedef struct CCConnection CCConnection;

/// What came back. It belongs to the connection, and stays until the next exchange.
typedef struct {
    long status;
    /// The fields of head and trailer, a line each.
    const char *fields;
    size_t fieldsLength;
    const uint8_t *body;
    size_t bodyLength;
    /// Whether the connection had to be opened for this exchange.
    int isNew;
} CCConnectionAnswer;

/// Makes a connection; the first exchange opens it. No redirection is followed and no proxy is asked.
///
/// - allowed: numeric addresses of private networks that may be called, between spaces; others are refused.
/// - namedOnly: whether addresses of the public Internet are refused too unless they are named.
/// - isHTTP2: whether to speak HTTP/2, without asking first where the address is `http://…`.
CSStatus cc_connection_make(const char *allowed, int namedOnly, int isHTTP2, CCConnection **connection, CSError *error);

void cc_connection_free(CCConnection *connection);

/// Ends the exchange that is under way, within a moment, and lets none begin any more. Any thread may call it, at any time.
void cc_connection_stop(CCConnection *connection);

/// Sends a request, and blocks until its answer is there, whatever its status.
///
/// - url: `https://…` or `http://…`.
/// - fields: of the head, a line each; at least one.
/// - body, length: what is posted; NULL for a GET.
/// - maximumAnswer: bytes of the answer's body; one that is longer is a failure.
/// - timeoutMilliseconds: for the whole exchange.
CSStatus cc_connection_exchange(CCConnection *connection, const char *url, const char *fields, const uint8_t *body,
                                size_t length, size_t maximumAnswer, long timeoutMilliseconds, CCConnectionAnswer *answer,
                                CSError *error);
