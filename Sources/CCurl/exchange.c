#include "CCurl.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "door.h"
#include "initialise.h"

enum { KEPT_HANDLES = 16, MAXIMUM_HEAD = 1 << 16 };

typedef struct {
    char *bytes;
    size_t length, capacity, maximum;
    int is_too_much;
} Sink;

static size_t take(char *bytes, size_t size, size_t count, void *user_data) {
    Sink *sink = user_data;
    const size_t more = size * count;
    if (more > sink->maximum - sink->length) {
        sink->is_too_much = 1;
        return 0;
    }
    if (sink->length + more > sink->capacity) {
        size_t capacity = sink->capacity ? sink->capacity : 4096;
        while (capacity < sink->length + more) capacity *= 2;
        char *longer = realloc(sink->bytes, capacity);
        if (!longer) return 0;
        sink->bytes = longer;
        sink->capacity = capacity;
    }
    memcpy(sink->bytes + sink->length, bytes, more);
    sink->length += more;
    return more;
}

// Handles that nobody uses keep their connections open, so that a request need not shake hands anew. Only requests that may go to
// any address take them: cc_post, which looks at addresses when it connects, makes its own.
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static CURL *idle[KEPT_HANDLES];
static size_t idle_count = 0;

static CURL *take_handle(void) {
    pthread_mutex_lock(&mutex);
    CURL *curl = idle_count ? idle[--idle_count] : NULL;
    pthread_mutex_unlock(&mutex);
    return curl ? curl : curl_easy_init();
}

static void give_back(CURL *curl) {
    curl_easy_reset(curl);  // forgets secrets and pointers, keeps connections
    pthread_mutex_lock(&mutex);
    const int has_room = idle_count < KEPT_HANDLES;
    if (has_room) idle[idle_count++] = curl;
    pthread_mutex_unlock(&mutex);
    if (!has_room) curl_easy_cleanup(curl);
}

static void prepare(CURL *curl, const char *method, const void *body, size_t length) {
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);  // no SIGALRM in a program with threads
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");  // what is meant is named, not found in the environment
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 5L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, 20L);
    if (body) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    }
    if (strcmp(method, "HEAD") == 0) {
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    } else {
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    }
}

static CSStatus report(CURLcode code, const char *reason, int is_too_much, CSError *error) {
    char text[CURL_ERROR_SIZE + 32];
    if (is_too_much) {
        snprintf(text, sizeof text, "its answer is longer than any that was asked for");
    } else {
        snprintf(text, sizeof text, "%s (libcurl %d)", reason[0] ? reason : curl_easy_strerror(code), (int)code);
    }
    return cs_report(error, code == CURLE_OUT_OF_MEMORY ? CSOutOfMemory : CSFailed, text);
}

CSStatus cc_exchange(const char *method, const char *url, const char *fields, const char *authorities,
                     const char *signature, const char *keyID, const char *secret, const void *body, size_t length,
                     size_t maximumAnswer, long timeoutSeconds, CCAnswer *answer, CSError *error) {
    cc_initialise();
    *answer = (CCAnswer){0};
    char reason[CURL_ERROR_SIZE] = "";
    CURLcode code = CURLE_FAILED_INIT;
    Sink head = {.maximum = MAXIMUM_HEAD}, bytes = {.maximum = maximumAnswer};
    CURL *curl = take_handle();
    // None is given an empty value, to take away a field of libcurl's own: version 7.88 signs it and does not send it.
    struct curl_slist *list = fields[0] ? cc_list_of(fields) : NULL;
    if (curl && (list || !fields[0])) {
        prepare(curl, method, body, length);
        curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
        curl_easy_setopt(curl, CURLOPT_URL, url);
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
        if (authorities) curl_easy_setopt(curl, CURLOPT_CAINFO, authorities);
        curl_easy_setopt(curl, CURLOPT_AWS_SIGV4, signature);
        curl_easy_setopt(curl, CURLOPT_USERNAME, keyID);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, secret);
        curl_easy_setopt(curl, CURLOPT_TIMEOUT, timeoutSeconds);
        curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take);
        curl_easy_setopt(curl, CURLOPT_HEADERDATA, &head);
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, &bytes);
        code = curl_easy_perform(curl);
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer->status);
    }
    curl_slist_free_all(list);
    if (curl) give_back(curl);
    if (code != CURLE_OK) {
        free(head.bytes);
        free(bytes.bytes);
        *answer = (CCAnswer){0};
        return report(code, reason, head.is_too_much || bytes.is_too_much, error);
    }
    answer->head = head.bytes;
    answer->headLength = head.length;
    answer->body = (uint8_t *)bytes.bytes;
    answer->bodyLength = bytes.length;
    return CSSucceeded;
}

void cc_answer_free(CCAnswer *answer) {
    free(answer->head);
    free(answer->body);
    *answer = (CCAnswer){0};
}
