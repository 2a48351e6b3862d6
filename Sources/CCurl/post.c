#include "CCurl.h"

#include <curl/curl.h>
#include <stdio.h>

#include "door.h"
#include "initialise.h"

typedef struct {
    size_t left;
} Answer;

// What the gateway says is of no use but to tell that it is too much.
static size_t take_answer(char *bytes, size_t size, size_t count, void *user_data) {
    Answer *answer = user_data;
    (void)bytes;
    if (size * count > answer->left) return 0;
    answer->left -= size * count;
    return size * count;
}

CSStatus cc_post(const char *url, const char *fields, const char *allowed, const char *body, size_t length,
                 size_t maximumAnswer, long timeoutSeconds, CSError *error) {
    cc_initialise();
    CURL *curl = curl_easy_init();
    struct curl_slist *list = cc_list_of(fields);
    char reason[CURL_ERROR_SIZE] = "";
    CURLcode code = CURLE_FAILED_INIT;
    CCDoor door = {allowed, 0, 0};
    Answer answer = {maximumAnswer};
    long status = 0;
    if (curl && list) {
        curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
        curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);  // no SIGALRM in a program with threads
        curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(curl, CURLOPT_PROXY, "");  // what is meant is named, not found in the environment
        curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
        curl_easy_setopt(curl, CURLOPT_URL, url);
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
        curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, cc_open_socket);
        curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, &door);
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_answer);
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
        curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 10L);
        curl_easy_setopt(curl, CURLOPT_TIMEOUT, timeoutSeconds);
        code = curl_easy_perform(curl);
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    }
    curl_slist_free_all(list);
    if (curl) curl_easy_cleanup(curl);
    if (code == CURLE_OK && status >= 200 && status < 300) return CSSucceeded;
    char text[CURL_ERROR_SIZE + 32];
    if (door.refused) {
        snprintf(text, sizeof text, "its address is of a private network, and is not named as one that may be called");
    } else if (code == CURLE_OK) {
        snprintf(text, sizeof text, "it answered with the status %ld", status);
    } else {
        snprintf(text, sizeof text, "%s (libcurl %d)", reason[0] ? reason : curl_easy_strerror(code), (int)code);
    }
    return cs_report(error, code == CURLE_OUT_OF_MEMORY ? CSOutOfMemory : CSFailed, text);
}
