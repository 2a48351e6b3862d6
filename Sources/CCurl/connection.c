#include <curl/curl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CCurl.h"
#include "door.h"
#include "initialise.h"

typedef struct {
    char *bytes;
    size_t length, capacity, maximum;
    int isFull;  // whether more came than may
} Buffer;

struct CCConnection {
    CURLM *multi;  // holds what is open
    CURL *curl;
    char *allowed;
    int namedOnly, isHTTP2;
    int isOpen;  // whether the last exchange succeeded
    atomic_bool isStopped;
    Buffer fields, body;
};

static const size_t maximumFields = 65536;

static size_t append(char *bytes, size_t size, size_t count, void *user_data) {
    Buffer *buffer = user_data;
    const size_t length = size * count;
    if (length > buffer->maximum - buffer->length) {
        buffer->isFull = 1;
        return 0;
    }
    if (buffer->length + length > buffer->capacity) {
        const size_t capacity = buffer->length + length + buffer->capacity;
        char *grown = realloc(buffer->bytes, capacity);
        if (!grown) return 0;
        buffer->bytes = grown;
        buffer->capacity = capacity;
    }
    memcpy(buffer->bytes + buffer->length, bytes, length);
    buffer->length += length;
    return length;
}

CSStatus cc_connection_make(const char *allowed, int namedOnly, int isHTTP2, CCConnection **connection, CSError *error) {
    cc_initialise();
    CCConnection *made = calloc(1, sizeof *made);
    if (made) {
        made->multi = curl_multi_init();
        made->curl = curl_easy_init();
        made->allowed = strdup(allowed);
        made->namedOnly = namedOnly;
        made->isHTTP2 = isHTTP2;
    }
    if (!made || !made->multi || !made->curl || !made->allowed ||
        curl_multi_setopt(made->multi, CURLMOPT_MAXCONNECTS, 1L) != CURLM_OK) {
        cc_connection_free(made);
        return cs_report(error, CSOutOfMemory, "no memory for a connection");
    }
    *connection = made;
    return CSSucceeded;
}

void cc_connection_free(CCConnection *connection) {
    if (!connection) return;
    if (connection->curl) curl_easy_cleanup(connection->curl);
    if (connection->multi) curl_multi_cleanup(connection->multi);
    free(connection->allowed);
    free(connection->fields.bytes);
    free(connection->body.bytes);
    free(connection);
}

void cc_connection_stop(CCConnection *connection) {
    atomic_store(&connection->isStopped, 1);
    curl_multi_wakeup(connection->multi);  // the one function of it that any thread may call
}

// Without encryption both sides have to know that it is HTTP/2. libcurl 7.88 takes its word back on a connection that is open
// (curl issue 10634, mended in 8.0): there it goes on with the version that the connection has.
static long version_of(const CCConnection *connection, const char *url) {
    if (!connection->isHTTP2) return CURL_HTTP_VERSION_1_1;
    if (strncmp(url, "https:", 6) == 0) return CURL_HTTP_VERSION_2TLS;
    const int isMended = curl_version_info(CURLVERSION_NOW)->version_num >= 0x080000;
    return connection->isOpen && !isMended ? CURL_HTTP_VERSION_2_0 : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
}

static void prepare(CCConnection *connection, const char *url, struct curl_slist *list, CCDoor *door, char *reason) {
    CURL *curl = connection->curl;
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);  // no SIGALRM in a program with threads
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");  // what is meant is named, not found in the environment
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, version_of(connection, url));
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, cc_open_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, door);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, append);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &connection->fields);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, append);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &connection->body);
}

// As curl_easy_perform. Of HTTP/2 libcurl 7.88 does not always see that the other side takes more of a body: it is made to look
// again each millisecond, where it would wait for up to a second.
static CURLcode perform(CCConnection *connection) {
    CURLcode code = CURLE_FAILED_INIT;
    if (curl_multi_add_handle(connection->multi, connection->curl) != CURLM_OK) return code;
    int running = 1;
    CURLMcode result = CURLM_OK;
    while (result == CURLM_OK && running && !atomic_load(&connection->isStopped)) {
        result = curl_multi_perform(connection->multi, &running);
        if (result == CURLM_OK && running) {
            result = curl_multi_poll(connection->multi, NULL, 0, connection->isHTTP2 ? 1 : 1000, NULL);
        }
    }
    int left = 0;
    for (CURLMsg *message; (message = curl_multi_info_read(connection->multi, &left));) {
        if (message->msg == CURLMSG_DONE) code = message->data.result;
    }
    // One that was stopped is given up here, with its connection.
    curl_multi_remove_handle(connection->multi, connection->curl);
    return code;
}

CSStatus cc_connection_exchange(CCConnection *connection, const char *url, const char *fields, const uint8_t *body,
                                size_t length, size_t maximumAnswer, long timeoutMilliseconds, CCConnectionAnswer *answer,
                                CSError *error) {
    CURL *curl = connection->curl;
    struct curl_slist *list = cc_list_of(fields);
    if (!list) return cs_report(error, CSOutOfMemory, "no memory for the head of a request");
    char reason[CURL_ERROR_SIZE] = "";
    CCDoor door = {connection->allowed, connection->namedOnly, 0};
    connection->fields.length = connection->body.length = 0;
    connection->fields.isFull = connection->body.isFull = 0;
    connection->fields.maximum = maximumFields;
    connection->body.maximum = maximumAnswer;
    prepare(connection, url, list, &door, reason);
    if (body) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    }
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, timeoutMilliseconds < 5000 ? timeoutMilliseconds : 5000L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeoutMilliseconds);
    const CURLcode code = perform(connection);
    long connects = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer->status);
    curl_easy_getinfo(curl, CURLINFO_NUM_CONNECTS, &connects);
    curl_slist_free_all(list);
    connection->isOpen = code == CURLE_OK;
    if (code == CURLE_OK) {
        answer->isNew = connects > 0;
        answer->fields = connection->fields.bytes;
        answer->fieldsLength = connection->fields.length;
        answer->body = (const uint8_t *)connection->body.bytes;
        answer->bodyLength = connection->body.length;
        return CSSucceeded;
    }
    char text[CURL_ERROR_SIZE + 32];
    if (atomic_load(&connection->isStopped)) {
        snprintf(text, sizeof text, "it was not waited for any longer");
    } else if (door.refused) {
        snprintf(text, sizeof text, "its address is not named as one that may be called");
    } else if (connection->body.isFull || connection->fields.isFull) {
        snprintf(text, sizeof text, "its answer is longer than %zu bytes",
                 connection->body.isFull ? maximumAnswer : maximumFields);
    } else {
        snprintf(text, sizeof text, "%s (libcurl %d)", reason[0] ? reason : curl_easy_strerror(code), (int)code);
    }
    return cs_report(error, code == CURLE_OUT_OF_MEMORY ? CSOutOfMemory : CSFailed, text);
}
