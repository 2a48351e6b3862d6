#pragma once

#include <curl/curl.h>

// Which addresses may be called.
typedef struct {
    const char *allowed;  // numeric addresses between spaces; NULL for any
    int namedOnly;        // whether public addresses have to be named too
    int refused;          // whether an address was turned away
} CCDoor;

// Looks at the address itself, after names were looked up, so that no name leads inside; for CURLOPT_OPENSOCKETFUNCTION, with the
// door as its data.
curl_socket_t cc_open_socket(void *door, curlsocktype purpose, struct curl_sockaddr *address);

// The lines of `fields` as libcurl takes them; NULL where there is no memory, or no line.
struct curl_slist *cc_list_of(const char *fields);
